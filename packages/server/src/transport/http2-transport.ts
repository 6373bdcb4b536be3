import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { isIP } from 'node:net';
import type { PushRequest, PushServiceOrigin } from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import { IDLE_SESSION_MS, MAX_ANSWER_BYTES, REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { DevelopmentPushService } from './endpoint-policy.ts';
import { isPrivateHost } from './private-address.ts';
import { createPublicLookup, PrivateAddressError } from './public-lookup.ts';
import type { PushAnswer, PushTransport } from './push-transport.ts';

export interface Http2TransportOptions {
  /** Where an origin is a development push service, its address and certificate authority are used. */
  development(origin: string): DevelopmentPushService | undefined;
  readonly clock: Clock;
}

/** HTTP/2, one connection per push service, opened at the first message and closed when idle. */
export function createHttp2Transport(options: Http2TransportOptions): PushTransport {
  const sessions = new Map<PushServiceOrigin, ClientHttp2Session>();
  const lookup = createPublicLookup();

  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const timeout = new AbortController();
      const cancel = options.clock.after(REQUEST_TIMEOUT_MS, () => timeout.abort());
      try {
        return await post(sessionTo(request.origin), request, AbortSignal.any([signal, timeout.signal]));
      } catch (error) {
        signal.throwIfAborted();
        if (!timeout.signal.aborted) return { kind: 'no-answer', reason: reasonOf(error) };
        // A connection that a firewall dropped in silence would be tried until TCP gives up, a quarter of an hour.
        retire(request.origin);
        return { kind: 'no-answer', reason: 'timeout' };
      } finally {
        cancel();
      }
    },
    close() {
      for (const session of sessions.values()) session.destroy();
    },
  };

  function sessionTo(origin: PushServiceOrigin): ClientHttp2Session {
    const known = sessions.get(origin);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const local = options.development(origin);
    // An address in the URL itself is never looked up.
    if (local === undefined && isPrivateHost(new URL(origin).hostname)) throw new PrivateAddressError();
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

  /** What waits on it may still be answered; what comes next has a connection of its own. */
  function retire(origin: PushServiceOrigin): void {
    sessions.get(origin)?.close();
    sessions.delete(origin);
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

/**
 * Settles at the answer's headers, which say all that is read today. It listens to `close` too: a stream that its peer
 * cancels, or whose connection ends without an error, has no other last event.
 */
async function post(session: ClientHttp2Session, request: PushRequest, signal: AbortSignal): Promise<PushAnswer> {
  const stream = session.request({ ':method': 'POST', ':path': request.path, ...request.headers }, { signal });
  const answered = new Promise<IncomingHttpHeaders>((resolve, reject) => {
    stream.once('response', resolve);
    // Stays on: what befalls the stream after its answer changes nothing, and must not end the process.
    stream.on('error', reject);
    stream.once('close', () => reject(new Error('The stream was closed without an answer')));
  });
  drain(stream);
  stream.end(request.body);
  return toAnswer(await answered);
}

/** A body that is not read would hold up its connection; one without end is cut off. */
function drain(stream: ClientHttp2Stream): void {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) stream.close(constants.NGHTTP2_CANCEL);
  });
}

/** http2 gives repeated headers as lists; none that push services send is. */
function toAnswer(headers: IncomingHttpHeaders): PushAnswer {
  const fields = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { kind: 'answer', status: Number(headers[':status']), headers: Object.fromEntries(fields) };
}
