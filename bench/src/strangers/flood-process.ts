import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { encodeBase64Url } from '@belfry/protocol';
import { serveCalls } from '../process/serve-calls.ts';

export interface FloodOptions {
  readonly port: number;
  readonly connections: number;
  /** Whether each request seems to come from another address. */
  readonly manyAddresses: boolean;
}

/** What the process of the strangers does. */
export type FloodFunctions = ReturnType<typeof floodFunctions>;

/** Each connection sends a request, waits for its answer, and sends the next. */
function floodFunctions(): {
  start(options: FloodOptions): void;
  /** Answers by status since the last call. */
  count(): Record<string, number>;
  stop(): void;
} {
  const sockets = new Set<Socket>();
  let counts: Record<string, number> = {};
  let isStopped = true;
  return {
    start(options) {
      isStopped = false;
      for (let i = 0; i < options.connections; i++) open(options);
    },
    count() {
      const counted = counts;
      counts = {};
      return counted;
    },
    stop() {
      isStopped = true;
      for (const socket of sockets) socket.destroy();
    },
  };

  function open(options: FloodOptions): void {
    const socket = connect(options.port, '127.0.0.1');
    sockets.add(socket);
    socket.on('connect', () => socket.write(aRequest(options)));
    socket.on('data', (chunk) => {
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString('latin1')) ?? [];
      // The rest of an answer that came in two parts.
      if (status === undefined) return;
      counts[status] = (counts[status] ?? 0) + 1;
      socket.write(aRequest(options));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      counts['closed'] = (counts['closed'] ?? 0) + 1;
      if (!isStopped) open(options);
    });
  }
}

function aRequest({ manyAddresses }: FloodOptions): string {
  const body = JSON.stringify({
    deviceId: encodeBase64Url(randomBytes(16)),
    deviceSecret: encodeBase64Url(randomBytes(32)),
  });
  const address = manyAddresses ? [...randomBytes(4)].join('.') : '192.0.2.1';
  return [
    'POST /api/push/resubscribe HTTP/1.1',
    'Host: app.example.com',
    'Content-Type: application/json',
    `X-Forwarded-For: ${address}`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

serveCalls(floodFunctions());
