import { EventEmitter, once } from 'node:events';
import {
  createSecureServer,
  type Http2ServerRequest,
  type ServerHttp2Session,
  type SecureServerOptions,
} from 'node:http2';
import { createServer as createHttp1Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { branded, type PushRequest } from '@belfry/protocol';
import { onTestFinished } from 'vitest';
import type { Clock } from '../effects.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { createTransport, type TransportOptions } from './create-transport.ts';
import type { DevelopmentPushService } from './endpoint-policy.ts';
import type { PushTransport } from './push-transport.ts';
import { selfSigned } from './self-signed.test-data.ts';

const certified = selfSigned(['push.example.net', '*.push.example.net']);

export const ORIGIN = 'https://push.example.net';

/** As much of an answer as both protocols have. */
export interface ServerAnswer {
  readonly destroyed: boolean;
  writeHead(status: number, headers?: Record<string, string>): ServerAnswer;
  write(text: string, written?: () => void): boolean;
  end(): unknown;
  end(text: string): unknown;
  on(event: 'drain' | 'error', listener: () => void): unknown;
}

/** A request that a server got, body and all. */
export interface Exchange {
  readonly path: string;
  readonly request: Http2ServerRequest | IncomingMessage;
  readonly response: ServerAnswer;
  readonly body: Buffer;
}

/** A push service of its own making: its test answers each request by hand, or with `onRequest`. */
export interface TlsServer {
  readonly port: number;
  readonly certificate: string;
  /** Connections that are open, and all that there ever were. */
  readonly sockets: Set<Socket>;
  connections: number;
  readonly sessions: Set<ServerHttp2Session>;
  readonly received: Exchange[];
  onRequest: (exchange: Exchange) => void;
  /** Resolves with the n-th request, from 0 on. */
  request(n: number): Promise<Exchange>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
}

export interface TlsServerOptions {
  /** Default: HTTP/2 alone. */
  readonly protocol?: 'h2' | 'http/1.1';
  readonly settings?: SecureServerOptions['settings'];
  /** At once; what is more is closed when it is accepted. */
  readonly maxConnections?: number;
}

/** Ends with the test. */
export async function startTlsServer({
  protocol = 'h2',
  settings,
  maxConnections,
}: TlsServerOptions = {}): Promise<TlsServer> {
  const { certificate, key } = await certified;
  const arrivals = new EventEmitter().setMaxListeners(0);
  const server: TlsServer = {
    port: 0,
    certificate,
    sockets: new Set(),
    connections: 0,
    sessions: new Set(),
    received: [],
    onRequest: () => {},
    async request(n) {
      while (server.received.length <= n) await once(arrivals, 'request');
      const exchange = server.received[n];
      if (exchange === undefined) throw new RangeError('there is such a request');
      return exchange;
    },
    async quiet() {
      while (server.sockets.size > 0) await once(arrivals, 'close');
    },
  };
  const serve = (request: Exchange['request'], response: Exchange['response']): void => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const exchange = { path: request.url ?? '', request, response, body: Buffer.concat(chunks) };
      server.received.push(exchange);
      server.onRequest(exchange);
      arrivals.emit('request');
    });
  };
  const options = { cert: certificate, key, ...(settings === undefined ? {} : { settings }) };
  const listener =
    protocol === 'h2'
      ? createSecureServer(options, (request, response) => serve(request, response))
      : createHttp1Server(options, (request, response) => serve(request, response));
  listener.on('session', (session: ServerHttp2Session) => {
    server.sessions.add(session);
    session.on('error', () => {});
  });
  listener.on('connection', (socket: Socket) => {
    server.connections += 1;
    server.sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      server.sockets.delete(socket);
      arrivals.emit('close');
    });
  });
  if (maxConnections !== undefined) listener.maxConnections = maxConnections;
  return Object.assign(server, { port: await listenUntilTestEnds(listener, server.sockets) });
}

/** @returns the port, on 127.0.0.1 */
export async function listenUntilTestEnds(listener: Server, sockets: ReadonlySet<Socket>): Promise<number> {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on a port');
  return address.port;
}

/** Every origin is at that server. */
export function developmentAt({ port, certificate }: Pick<TlsServer, 'port' | 'certificate'>): DevelopmentPushService {
  return {
    endpointOrigins: [ORIGIN],
    address: { host: '127.0.0.1', port },
    certificateAuthority: certificate,
  };
}

/** Time stands still, and timers are counted. */
export class CountingClock implements Clock {
  readonly #clock = new FakeClock();
  timers = 0;
  now = (): number => this.#clock.now();
  elapsed = (): number => this.#clock.elapsed();
  after(delayMs: number, callback: () => void): () => void {
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.timers -= 1;
      isOver = true;
    };
    this.timers += 1;
    const cancel = this.#clock.after(delayMs, () => {
      end();
      callback();
    });
    return () => {
      end();
      cancel();
    };
  }
  advance(ms: number): void {
    this.#clock.advance(ms);
  }
}

/** A transport to that server, closed with the test. */
export function transportTo(
  server: Pick<TlsServer, 'port' | 'certificate'>,
  options: Partial<TransportOptions> = {},
): { transport: PushTransport; clock: CountingClock } {
  const clock = new CountingClock();
  const transport = createTransport({ development: () => developmentAt(server), clock, random: () => 0, ...options });
  onTestFinished(() => transport.close());
  return { transport, clock };
}

export function pushTo(path: string, { origin = ORIGIN, body = 'encrypted' } = {}): PushRequest {
  return { origin: branded(origin), path, headers: { ttl: '60' }, body: Buffer.from(body) };
}

/** For who never aborts. */
export const NEVER: AbortSignal = new AbortController().signal;

/** 0 to count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
