import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { localCertificates } from '../../../packages/push-service/src/certificates/local-certificates.ts';
import { chooseFault, type Fault } from './choose-fault.ts';
import type { PushCounts } from './push-counts.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface PushServerOptions {
  readonly counts: PushCounts;
  readonly subscriptions: Subscriptions;
  readonly seed: number;
  /** How much more often than usual it fails. */
  readonly faultFactor: number;
  /** A request that is none of a sender's, or a message that its subscription cannot read. */
  onUnreadable(): void;
}

/** Where it is, and whom to trust for it. */
export interface PushServerAddress {
  readonly address: { readonly host: string; readonly port: number };
  /** PEM. */
  readonly certificateAuthority: string;
}

/** As many as FCM lets in. */
const MAX_STREAMS = 100;

/**
 * A push service over TLS and HTTP/2 that opens every message, counts it, and fails as `chooseFault` says. Faults come after
 * the body is read, since which message it is stands inside.
 */
export async function startPushServer(options: PushServerOptions): Promise<PushServerAddress> {
  const { counts, subscriptions, seed, faultFactor: factor } = options;
  const { authority, leaf } = await localCertificates({ dataDir: undefined, now: Date.now() });
  const settings = { maxConcurrentStreams: MAX_STREAMS };
  const server = createSecureServer({ cert: leaf.certificate, key: leaf.privateKey, settings });
  /** Connections that are about to end, and whether what still comes on them is taken: nothing on them is answered any more. */
  const cut = new WeakMap<Http2Session, boolean>();
  // Senders are killed while they connect, too.
  for (const event of ['sessionError', 'tlsClientError', 'secureConnectionError']) server.on(event, () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Uint8Array[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    stream.once('end', () => receive(stream, headers, Buffer.concat(chunks)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return { address: { host: '127.0.0.1', port }, certificateAuthority: authority.certificate };

  function receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Uint8Array): void {
    const subscription = isPush(headers) ? subscriptions.numberOf(headers[':path']) : undefined;
    const message = subscription === undefined ? undefined : messageNumber(subscriptions.read(subscription, body));
    if (subscription === undefined || message === undefined) {
      options.onUnreadable();
      return answer(stream, 400);
    }
    const attempt = counts.arrived(message, subscription);
    const fault = chooseFault({ message, subscription, attempt }, { seed, factor });
    const { session } = stream;
    const isTakenAtCut = session === undefined ? undefined : cut.get(session);
    if (isTakenAtCut !== undefined) return isTakenAtCut ? take() : undefined;
    if (fault !== undefined) return fail(stream, fault, take);
    counts.taken(message, subscription);
    answer(stream, 201);
    // It was ended by its sender, who gave it up before the answer was there.
    stream.once('close', () => {
      const isAlive = session?.destroyed === false;
      if (isAlive && stream.rstCode !== constants.NGHTTP2_NO_ERROR) counts.ambiguous(message);
    });

    /** Without an answer. */
    function take(): void {
      if (message === undefined || subscription === undefined) return;
      counts.taken(message, subscription);
      counts.ambiguous(message);
    }
  }

  function fail(stream: ServerHttp2Stream, fault: Fault, take: () => void): void {
    if (fault.kind === 'status') {
      const { status, retryAfterSeconds } = fault;
      return answer(
        stream,
        status,
        retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
      );
    }
    if (fault.isTaken) take();
    if (fault.kind === 'reset') return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    if (fault.kind === 'cut' && stream.session !== undefined) cutConnection(stream.session, fault.isTaken);
  }

  /** Once what was answered before has arrived, or nobody could say which pushes are ambiguous. */
  function cutConnection(session: Http2Session, isTaken: boolean): void {
    cut.set(session, isTaken);
    session.ping(() => session.destroy());
  }
}

/** RFC 8030 §5, RFC 8291 §4, RFC 8292 §2. */
function isPush(headers: IncomingHttpHeaders): boolean {
  return (
    headers[':method'] === 'POST' &&
    headers['content-encoding'] === 'aes128gcm' &&
    /^\d+$/.test(String(headers['ttl'])) &&
    headers.authorization?.startsWith('vapid ') === true
  );
}

function messageNumber(content: unknown): number | undefined {
  if (typeof content !== 'object' || content === null || !('payload' in content)) return undefined;
  return typeof content.payload === 'number' ? content.payload : undefined;
}

function answer(stream: ServerHttp2Stream, status: number, headers: Readonly<Record<string, string>> = {}): void {
  if (stream.destroyed || stream.closed) return;
  const location = status === 201 ? { location: '/message/1' } : {};
  stream.respond({ ':status': status, ...location, ...headers }, { endStream: true });
}
