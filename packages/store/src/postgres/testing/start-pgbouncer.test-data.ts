import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { giveTo, serverAccount } from './server-account.test-data.ts';
import { freePort } from './start-postgres.test-data.ts';

export interface PgBouncer {
  /** Of the same account, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** PgBouncer of this machine; undefined where there is none: `apt-get install pgbouncer`. */
export function findPgBouncer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'pgbouncer')).find((path) => existsSync(path));
}

/**
 * Starts a transaction pooler in front of a server. It has one connection to it, since before 1.21 PgBouncer does not carry prepared
 * statements from one to another.
 */
export async function startPgBouncer(program: string, serverUrl: string): Promise<PgBouncer> {
  const server = new URL(serverUrl);
  const account = serverAccount();
  const folder = await mkdtemp(join(tmpdir(), 'belfry-pgbouncer-'));
  const port = await freePort();
  const config = [
    '[databases]',
    `* = host=${server.hostname} port=${server.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${join(folder, 'users')}`,
    'pool_mode = transaction',
    'default_pool_size = 1',
  ];
  await writeFile(join(folder, 'users'), `"${server.username}" "${server.password}"\n`);
  await writeFile(join(folder, 'pgbouncer.ini'), `${config.join('\n')}\n`);
  for (const path of [folder, join(folder, 'users'), join(folder, 'pgbouncer.ini')]) giveTo(account, path);
  const child = spawn(program, [join(folder, 'pgbouncer.ini')], {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  await untilUp(createInterface({ input: child.stderr }));
  return {
    url: Object.assign(new URL(serverUrl), { port: String(port) }).href,
    async stop() {
      child.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Its log is read on, or it would stop at a full pipe. */
function untilUp(lines: ReturnType<typeof createInterface>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const log: string[] = [];
  lines.on('line', (line) => {
    if (line.includes('process up')) resolve();
    if (log.length < 50) log.push(line);
  });
  lines.once('close', () => reject(new Error(`PgBouncer did not start:\n${log.join('\n')}`)));
  return promise;
}
