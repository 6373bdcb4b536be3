import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { findPostgres } from './postgres-binaries.test-data.ts';
import { giveTo, readableFor, type ServerAccount, serverAccount } from './server-account.test-data.ts';

export interface PostgresServer {
  /** Of a superuser, with a password, on the loopback interface. */
  readonly url: string;
  /** A name that no other schema of this server has. */
  freshSchema(): string;
  /** Ends the server as a crash does, its connections with it; the data stays. */
  crash(): Promise<void>;
  /** Starts it again after a crash, on the same port and data. */
  recover(): Promise<void>;
  /** Ends the server, and deletes its data where it was not given a folder. */
  stop(): Promise<void>;
}

type Supervisor = ChildProcessByStdio<Writable, null, Readable>;

/**
 * Runs the server until it ends, or until a line on standard input names the signal to end it with. Where that input ends
 * without one the parent is gone: then the server ends and the folder goes, so a killed test leaves nothing behind.
 */
const SUPERVISE = `
exec 3<&0
folder=$1; shift
"$@" 3<&- & server=$!
(read -r signal <&3 && kill -"$signal" $server || { kill -INT $server; exit 1; }) & watcher=$!
wait $server
kill $watcher 2>/dev/null
wait $watcher
[ $? -ne 1 ] || rm -rf "$folder"`;

/**
 * Starts a real PostgreSQL server for tests and benches, with fsync on, since they are about durability.
 *
 * @param options.dataDir keeps its data there; otherwise it is in a temporary folder, deleted at the end
 */
export async function startPostgres(options: { readonly dataDir?: string } = {}): Promise<PostgresServer> {
  const account = serverAccount();
  const folder = await mkdtemp(join(tmpdir(), 'belfry-postgres-'));
  giveTo(account, folder);
  const { bin } = readableFor(account, findPostgres(), folder);
  const dataDir = options.dataDir ?? join(folder, 'data');
  const password = await initialize({ bin, account, folder, dataDir });
  const port = await freePort();
  let supervisor = await run();

  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    freshSchema: () => `test_${randomUUID().replaceAll('-', '')}`,
    crash: () => end('QUIT'),
    async recover() {
      supervisor = await run();
    },
    async stop() {
      // A checkpoint would take seconds after many tests, and what it writes is deleted.
      await end(options.dataDir === undefined ? 'QUIT' : 'INT');
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function run(): Promise<Supervisor> {
    const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', lc_messages: 'C' };
    const server = [
      join(bin, 'postgres'),
      `-D${dataDir}`,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    const child = spawn('/bin/sh', ['-c', SUPERVISE, 'supervise', folder, ...server], {
      ...account,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    await untilReady(child);
    return child;
  }

  async function end(signal: 'INT' | 'QUIT'): Promise<void> {
    if (supervisor.exitCode !== null) return;
    const exited = once(supervisor, 'exit');
    supervisor.stdin.end(`${signal}\n`);
    await exited;
  }
}

interface DataFolder {
  readonly bin: string;
  readonly account: ServerAccount;
  readonly folder: string;
  readonly dataDir: string;
}

/** Makes the data folder where there is none; answers the superuser's password, which is kept in it. */
async function initialize({ bin, account, folder, dataDir }: DataFolder): Promise<string> {
  const kept = join(dataDir, 'belfry-password');
  if (existsSync(kept)) return await readFile(kept, 'utf8');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  giveTo(account, dataDir);
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  giveTo(account, passwordFile);
  const how = ['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-sync'];
  await promisify(execFile)(join(bin, 'initdb'), [...how, `--pwfile=${passwordFile}`, '-D', dataDir], {
    ...account,
    cwd: folder,
  });
  await rename(passwordFile, kept);
  return password;
}

/** Resolves when the server takes connections; its log is read on, or it would stop at a full pipe. */
function untilReady(child: Supervisor): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.includes('database system is ready to accept connections')) resolve();
    if (log.length < 50) log.push(line);
  });
  child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log.join('\n')}`)));
  return promise;
}

/** A port that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
