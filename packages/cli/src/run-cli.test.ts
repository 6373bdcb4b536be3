import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { startScriptedAgent } from '@belfry/testing';
import { expect, onTestFinished, test } from 'vitest';

const FREE_PORTS = ['--autopush-port', '0', '--endpoint-port', '0'];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** The command as a process of its own, killed at the latest when the test ends. */
function belfry(...args: string[]) {
  const command = [...process.execArgv, '--conditions=@belfry/source', join(import.meta.dirname, 'main.ts'), ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout);
  const output: string[] = [];
  lines.on('line', (line) => output.push(line));
  const errors = text(child.stderr);
  const ended = once(child, 'close').then(async ([code, signal]) => ({
    code: Number(code),
    signal: signal === null ? null : String(signal),
    output,
    errors: await errors,
  }));
  // A process that ends without a line says why.
  const firstLine = Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    ended.then((end) => Promise.reject(new Error(`it ended first: ${JSON.stringify(end)}`))),
  ]);
  firstLine.catch(() => {});
  return { firstLine, ended, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

/** The value of a preference or a flag in the ready line. */
function valueIn(line: string, pattern: RegExp): string {
  const value = pattern.exec(line)?.[1];
  if (value === undefined) throw new Error(`${pattern} is not in: ${line}`);
  return value;
}

test('push-service says in one line what Firefox, a sender and Chromium need, and it is true', async () => {
  const dataDir = join(await temporaryFolder(), 'made', 'by it');
  const service = belfry('push-service', '--data', dataDir, ...FREE_PORTS);
  const line = await service.firstLine;

  const autopushUrl = valueIn(
    line,
    /dom\.push\.serverURL = (\S+) and dom\.push\.testing\.allowInsecureServerURL = true/,
  );
  const agent = await startScriptedAgent({ pushService: { autopushUrl } });
  expect(agent.subscription.endpoint).toMatch(valueIn(line, /^Push service ready at (\S+)/));
  await agent.close();

  const authority = valueIn(line, /certificate authority: (.+?) \|/);
  expect(authority.startsWith(dataDir)).toBe(true);
  expect(new X509Certificate(await readFile(authority)).ca).toBe(true);

  expect(await fetch(valueIn(line, /--gcm-checkin-url=(\S+)/), { method: 'POST' })).toMatchObject({ ok: true });
  expect(line).toMatch(/ --gcm-registration-url=http:\S+ --gcm-mcs-endpoint=https:\S+ /);
  expect(line).toMatch(/ --ignore-certificate-errors-spki-list=[\w+/]{43}= --user-data-dir=DIR$/);

  expect(await fetch(valueIn(line, /see what arrives: (\S+)/))).toMatchObject({ status: 200 });

  service.kill('SIGTERM');
  expect(await service.ended).toEqual({ code: 0, signal: null, output: [line], errors: '' });
});

test('Ctrl-C ends it, also while a browser is connected, and the next one is the same push service', async () => {
  const dataDir = await temporaryFolder();
  const first = belfry('push-service', '--data', dataDir, ...FREE_PORTS);
  const line = await first.firstLine;
  const agent = await startScriptedAgent({
    pushService: { autopushUrl: valueIn(line, /dom\.push\.serverURL = (\S+)/) },
  });
  onTestFinished(() => agent.close());
  first.kill('SIGINT');
  await expect(agent.nextPush()).rejects.toMatchObject({ code: 'disconnected' });
  expect(await first.ended).toMatchObject({ code: 0, signal: null, errors: '' });

  const port = valueIn(line, /serverURL = ws:\/\/127\.0\.0\.1:(\d+)/);
  const others = ['--endpoint-port', '--gcm-port', '--mcs-port', '--control-port'].flatMap((flag) => [flag, '0']);
  const ports = ['--autopush-port', port, ...others];
  const second = belfry('push-service', '--data', dataDir, ...ports);
  await second.firstLine;
  await agent.connect();
  expect(agent.isSubscribed).toBe(true);
  second.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ code: 0 });
});

test('a port in use ends it with one line that names the port', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const service = belfry('push-service', '--data', await temporaryFolder(), ...FREE_PORTS, '--autopush-port', port);
  const { code, output, errors } = await service.ended;
  expect({ code, output }).toEqual({ code: 1, output: [] });
  expect(errors).toMatch(new RegExp(`^error: Port ${port} is in use on 127.0.0.1: .*\\n$`));
});

test('a data folder that cannot be, and a host that is not loopback, end it with one line', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const ends = await Promise.all([
    belfry('push-service', '--data', join(file, 'data'), ...FREE_PORTS).ended,
    belfry('push-service', '--data', await temporaryFolder(), ...FREE_PORTS, '--host', '0.0.0.0').ended,
  ]);
  for (const { code, errors } of ends) {
    expect(code).toBe(1);
    expect(errors).toMatch(/^error: .+\n$/);
  }
});

test.each([
  ['a port that is none', ['push-service', '--mcs-port', '65536'], /--mcs-port <n>.*whole number from 0 to 65535/],
  ['a port in words', ['push-service', '--gcm-port', 'any'], /--gcm-port <n>.*whole number/],
  ['an unknown persona', ['push-service', '--persona', 'nokia'], /--persona <name>.*rfc8030, fcm, mozilla, apple, wns/],
  ['an unknown command', ['push'], /unknown command 'push'/],
  ['an unknown option', ['push-service', '--port', '1'], /unknown option '--port'/],
])('%s is refused with a hint at --help', async (_what, args, message) => {
  const { code, output, errors } = await belfry(...args).ended;
  expect({ code, output }).toEqual({ code: 1, output: [] });
  expect(errors).toMatch(message);
  expect(errors).toContain('--help');
});

test('--help lists the commands and their options, --version the version', async () => {
  const [all, one, version] = await Promise.all([
    belfry('--help').ended,
    belfry('push-service', '--help').ended,
    belfry('--version').ended,
  ]);
  expect(all).toMatchObject({ code: 0, errors: '' });
  expect(all.output.join('\n')).toContain('push-service');
  expect(one).toMatchObject({ code: 0, errors: '' });
  for (const option of [
    '--data <dir>',
    '--host',
    '--autopush-port',
    '--endpoint-port',
    '--gcm-port',
    '--mcs-port',
    '--persona',
  ]) {
    expect(one.output.join('\n')).toContain(option);
  }
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  expect(version).toMatchObject({ code: 0, output: [expect.stringMatching(/^\d+\.\d+\.\d+$/)] });
  expect(manifest).toContain(`"version": "${version.output[0]}"`);
});
