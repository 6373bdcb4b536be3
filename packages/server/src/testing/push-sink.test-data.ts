import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { decrypt, encodeBase64Url, parseAuthSecret } from '@belfry/protocol';
import type { DevelopmentPushService } from '../transport/endpoint-policy.ts';
import { selfSigned } from '../transport/self-signed.test-data.ts';

export interface ReceivedPush {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How the sink answers. A `stall` has no end, a `reset` comes with its HTTP/2 error code, a `drop` ends the connection. */
export type SinkAnswer =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
      readonly afterwards?: 'stall' | { readonly reset: number };
    }
  | 'never'
  | 'drop'
  | { readonly reset: number };

/** A push service over real TLS and HTTP/2 that keeps what it gets and answers as it is told. */
export interface PushSink {
  readonly service: DevelopmentPushService;
  readonly received: ReceivedPush[];
  readonly sessions: Set<ServerHttp2Session>;
  answer: (push: ReceivedPush) => SinkAnswer | Promise<SinkAnswer>;
  /** Resolves when so many pushes have come in all. */
  waitFor(count: number): Promise<void>;
  close(): Promise<void>;
}

const SINK_HOST = 'push.example.net';

export async function startPushSink(host: string = SINK_HOST): Promise<PushSink> {
  const { certificate, key } = await selfSigned([host]);
  const server = createSecureServer({ cert: certificate, key });
  const arrivals = new EventEmitter();
  const sink: PushSink = {
    service: {
      endpointOrigins: [`https://${host}`],
      address: { host: '127.0.0.1', port: 0 },
      certificateAuthority: certificate,
    },
    received: [],
    sessions: new Set(),
    answer: () => ({ status: 201 }),
    async waitFor(count) {
      while (sink.received.length < count) await once(arrivals, 'push');
    },
    async close() {
      for (const session of sink.sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('session', (session) => sink.sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const push = { headers, body: Buffer.concat(chunks) };
      sink.received.push(push);
      const answer = sink.answer(push);
      if (answer instanceof Promise) void answer.then((late) => reply(stream, late));
      else reply(stream, answer);
      arrivals.emit('push');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sink listens on a port');
  return Object.assign(sink, { service: { ...sink.service, address: { host: '127.0.0.1', port: address.port } } });
}

function reply(stream: ServerHttp2Stream, answer: SinkAnswer): void {
  if (answer === 'never') return;
  if (answer === 'drop') return stream.session?.destroy();
  if ('reset' in answer) return stream.close(answer.reset);
  stream.respond({ ':status': answer.status, ...answer.headers });
  const { afterwards } = answer;
  if (afterwards === undefined) stream.end(answer.body);
  // The callback comes when the headers are on their way too.
  else if (afterwards !== 'stall') stream.write('x', () => stream.close(afterwards.reset));
}

/** A subscription at the sink, as its browser has it. */
export function subscribeAtSink(path: string = randomUUID(), host: string = SINK_HOST) {
  const ecdh = createECDH('prime256v1');
  const p256dh = encodeBase64Url(ecdh.generateKeys());
  const secret = encodeBase64Url(randomBytes(16));
  const auth = parseAuthSecret(secret);
  if (!auth.ok) throw new Error('a fresh secret is well formed');
  return {
    subscription: { endpoint: `https://${host}/${path}`, keys: { p256dh, auth: secret } },
    /** What the browser's worker would get. */
    read(push: ReceivedPush | undefined): unknown {
      if (push === undefined) throw new Error('there is no such push');
      const opened = decrypt({ body: push.body, privateKey: ecdh.getPrivateKey(), auth: auth.value });
      if (!opened.ok) throw new Error(opened.error);
      return JSON.parse(Buffer.from(opened.value).toString());
    },
  };
}
