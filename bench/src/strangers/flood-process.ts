import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { encodeBase64Url } from '@belfry/protocol';
import { type ResourceUsage, resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { STRANGER_ADDRESS } from './stranger-address.ts';

export interface FloodOptions {
  readonly port: number;
  readonly connections: number;
  /** Whether each request seems to come from another address. */
  readonly manyAddresses: boolean;
}

/** What the process of the strangers does. */
export type FloodFunctions = ReturnType<typeof floodFunctions>;

/** What came since the last call: `byStatus` has responses, and `closed` where the server closed a connection. */
export interface FloodCount {
  readonly byStatus: Readonly<Record<string, number>>;
  readonly usage: ResourceUsage;
}

/**
 * Each connection sends a request, waits for its response, and sends the next. One that the server closes is opened again at
 * once.
 */
function floodFunctions(): {
  start(options: FloodOptions): void;
  count(): FloodCount;
  stop(): void;
} {
  const sockets = new Set<Socket>();
  let byStatus: Record<string, number> = {};
  let isStopped = true;
  return {
    start(options) {
      isStopped = false;
      for (let i = 0; i < options.connections; i++) open(options);
    },
    count() {
      const counted = { byStatus, usage: resourceUsage() };
      byStatus = {};
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
      // The rest of a response that came in two parts.
      if (status === undefined) return;
      add(status);
      socket.write(aRequest(options));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (isStopped) return;
      add('closed');
      open(options);
    });
  }

  function add(what: string): void {
    byStatus[what] = (byStatus[what] ?? 0) + 1;
  }
}

function aRequest({ manyAddresses }: FloodOptions): string {
  const body = JSON.stringify({
    deviceId: encodeBase64Url(randomBytes(16)),
    deviceSecret: encodeBase64Url(randomBytes(32)),
  });
  const address = manyAddresses ? [...randomBytes(4)].join('.') : STRANGER_ADDRESS;
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
