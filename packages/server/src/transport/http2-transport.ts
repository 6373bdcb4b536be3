import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { isIP } from 'node:net';
import type { PushRequest, PushServiceOrigin } from '@belfry/protocol';
import { IDLE_SESSION_MS, MAX_ANSWER_BYTES, REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { DevelopmentPushService } from './endpoint-policy.ts';
import { createPublicLookup, PrivateAddressError } from './public-lookup.ts';
import type { PushAnswer, PushTransport } from './push-transport.ts';

export interface Http2TransportOptions {
  /** Where an origin is a development push service, its address and certificate authority are used. */
  development(origin: string): DevelopmentPushService | undefined;
  readonly timeoutMs?: number;
}

/** HTTP/2, one connection per push service, opened at the first message and closed when idle. */
export function createHttp2Transport(options: Http2TransportOptions): PushTransport {
  const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
  const sessions = new Map<PushServiceOrigin, ClientHttp2Session>();
  const lookup = createPublicLookup();

  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        return await post(sessionTo(request.origin), request, AbortSignal.any([signal, timeout]));
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'no-answer', reason: timeout.aborted ? 'timeout' : reasonOf(error) };
      }
    },
    close() {
      for (const session of sessions.values()) session.close();
    },
  };

  function sessionTo(origin: PushServiceOrigin): ClientHttp2Session {
    const known = sessions.get(origin);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const local = options.development(origin);
    const session = connect(
      origin,
      local === undefined
        ? { lookup }
        : { ...local.address, ca: local.certificateAuthority, servername: serverName(origin) },
    );
    sessions.set(origin, session);
    const forget = (): void => {
      if (sessions.get(origin) === session) sessions.delete(origin);
    };
    session.setTimeout(IDLE_SESSION_MS, () => session.close());
    session.once('goaway', forget).once('close', forget);
    // Its streams fail with the same error, and that is where it is handled.
    session.on('error', forget);
    return session;
  }
}

/** TLS names a host, never an address (RFC 6066 §3). */
function serverName(origin: PushServiceOrigin): string {
  const { hostname } = new URL(origin);
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : '';
}

/** A stream that its connection took down has the connection's error as its cause. */
function reasonOf(error: unknown): 'connection' | 'refused-address' {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].some((one) => one instanceof PrivateAddressError) ? 'refused-address' : 'connection';
}

async function post(session: ClientHttp2Session, request: PushRequest, signal: AbortSignal): Promise<PushAnswer> {
  const stream = session.request({ ':method': 'POST', ':path': request.path, ...request.headers }, { signal });
  stream.end(request.body);
  const [headers]: unknown[] = await once(stream, 'response');
  return { kind: 'answer', ...readHeaders(headers), body: await readBody(stream) };
}

/** http2 gives repeated headers as lists; none that push services send is. */
function readHeaders(headers: unknown): { status: number; headers: Record<string, string> } {
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  const fields = Object.fromEntries(entries.filter(([name]) => !name.startsWith(':')));
  return { status: Number(new Map(entries).get(':status')), headers: fields };
}

/** Leaving the loop early destroys the stream, so a stranger's endless answer costs no more than its limit. */
async function readBody(stream: ClientHttp2Stream): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}
