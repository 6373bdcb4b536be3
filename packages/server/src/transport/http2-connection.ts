import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type Settings,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { PushRequest, PushServiceOrigin } from '@belfry/protocol';
import { AnswerBody, isSuccess } from './answer-body.ts';
import type { Connection, ConnectionEvents, ConnectionResult, RequestEvents } from './connection.ts';
import { countInterim } from './count-interim.ts';

/** Opens HTTP/2 on a connected socket; resolves once the peer's settings let streams in: its limit holds from the first. */
export function openHttp2(socket: TLSSocket, origin: PushServiceOrigin, events: ConnectionEvents): Promise<Connection> {
  const session = connect(origin, { createConnection: () => socket, settings: { enablePush: false } });
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  // Its streams fail with the same error, and that is where it is handled.
  session.on('error', reject);
  session.once('close', () => reject(new Error('The connection ended before it was up')));
  const begin = ({ maxConcurrentStreams }: Settings): void => {
    if (maxConcurrentStreams === 0) return;
    session.off('remoteSettings', begin);
    resolve(new Http2Connection({ session, socket, ...events }));
  };
  session.on('remoteSettings', begin);
  return promise;
}

const BROKEN_ALONE = { kind: 'broken', isOfConnection: false, suspects: 1, isFlood: false } as const;

interface ReceivedAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  readonly body: AnswerBody;
}

interface Http2ConnectionOptions extends ConnectionEvents {
  readonly session: ClientHttp2Session;
  readonly socket: TLSSocket;
}

class Http2Connection implements Connection {
  readonly protocol = 'h2';
  active = 0;
  unanswered = 0;
  capacity = 0;
  requests = 0;
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  #isFlood = false;
  /** The last stream that the server will process, where it has said so. */
  #lastStreamId = Number.POSITIVE_INFINITY;
  /** How many requests it had when it ended. */
  #activeAtEnd: number | undefined;

  constructor({ session, socket, onChange }: Http2ConnectionOptions) {
    this.#session = session;
    this.#socket = socket;
    const readSettings = (): void => {
      this.capacity = session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    };
    readSettings();
    session.on('remoteSettings', () => {
      readSettings();
      // Whoever lets no more streams in may mean it for ever, and requests would wait as long.
      if (this.capacity === 0) session.close();
      onChange(this);
    });
    session.on('goaway', (_code, lastStreamId) => {
      this.#lastStreamId = lastStreamId;
    });
    session.once('close', () => onChange(this));
  }

  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  get hasEnded(): boolean {
    return this.#socket.destroyed;
  }

  get bytesReceived(): number {
    return this.#socket.bytesRead;
  }

  post({ path, headers, body }: PushRequest, events: RequestEvents): () => void {
    const stream = this.#session.request(
      { ':method': 'POST', ':path': path, ...headers },
      { endStream: body.length === 0 },
    );
    this.active += 1;
    this.unanswered += 1;
    this.requests += 1;
    let answer: ReceivedAnswer | undefined;
    let isSettled = false;
    const settle = (unanswered: ConnectionResult): void => {
      if (isSettled) return;
      isSettled = true;
      this.unanswered -= 1;
      events.settled(answer === undefined ? unanswered : toAnswer(answer));
    };
    // Only this request can have asked for them.
    const endFlood = (): void => {
      this.endFlood();
      settle({ ...BROKEN_ALONE, isFlood: true });
    };
    stream.on('headers', countInterim(endFlood));
    stream.on('response', (received, flags) => {
      const status = Number(received[':status']);
      answer = { headers: received, status, body: new AnswerBody(status) };
      if (isSuccess(status)) settle(BROKEN_ALONE);
      if ((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0) events.hasBody();
    });
    stream.on('data', (chunk: Uint8Array) => {
      if (answer?.body.add(chunk) === false) stream.close(constants.NGHTTP2_CANCEL);
    });
    // What befalls the stream is read at its close, the one event that every stream has.
    stream.on('error', () => {});
    stream.once('close', () => {
      if (this.#session.destroyed) this.#activeAtEnd ??= this.active;
      this.active -= 1;
      settle(this.#isUnprocessed(stream) ? { kind: 'unprocessed' } : this.#broken());
      events.released();
    });
    if (body.length > 0) stream.end(body);
    return () => {
      settle(BROKEN_ALONE);
      stream.close(constants.NGHTTP2_CANCEL);
      stream.destroy();
    };
  }

  #broken(): ConnectionResult {
    const isOfConnection = this.#activeAtEnd !== undefined;
    return { kind: 'broken', isOfConnection, suspects: Math.max(1, this.#activeAtEnd ?? 1), isFlood: this.#isFlood };
  }

  /** By RFC 9113 §6.8 and §8.7; a stream without an id never left. */
  #isUnprocessed({ id, rstCode }: ClientHttp2Stream): boolean {
    return id === undefined || id > this.#lastStreamId || rstCode === constants.NGHTTP2_REFUSED_STREAM;
  }

  close(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
    // A session that was closed before has left its socket to wait for the peer's end of it.
    this.#socket.destroy();
  }

  endFlood(): void {
    this.#isFlood = true;
    this.destroy();
  }
}

/** http2 gives repeated headers as lists; none that push services send is. */
function toAnswer({ headers: received, status, body }: ReceivedAnswer): ConnectionResult {
  const headers: Record<string, string> = {};
  for (const name in received) headers[name] = String(received[name]);
  return { kind: 'answer', status, headers, body: body.text() };
}
