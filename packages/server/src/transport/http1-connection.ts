import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { PushRequest, PushServiceOrigin } from '@belfry/protocol';
import { AnswerBody, isSuccess } from './answer-body.ts';
import type { Connection, ConnectionEvents, ConnectionResult, RequestEvents } from './connection.ts';
import { countInterim } from './count-interim.ts';

/** HTTP/1.1 on a connected socket, kept alive: one request at a time. */
export function openHttp1(socket: TLSSocket, origin: PushServiceOrigin, events: ConnectionEvents): Connection {
  return new Http1Connection(socket, { host: new URL(origin).host, ...events });
}

interface Http1ConnectionOptions extends ConnectionEvents {
  readonly host: string;
}

class Http1Connection implements Connection {
  readonly protocol = 'http/1.1';
  readonly capacity = 1;
  active = 0;
  unanswered = 0;
  requests = 0;
  #isClosing = false;
  #isFlood = false;
  readonly #socket: TLSSocket;
  readonly #host: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(socket: TLSSocket, { host, onChange }: Http1ConnectionOptions) {
    this.#socket = socket;
    this.#host = host;
    this.#agent.createConnection = () => socket;
    // Whatever ends it is told to the request that it has, if it has one.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#isClosing = true;
      onChange(this);
    });
  }

  /** Asks the socket too: one that the service keeps for a second or less, the agent ends before it says so. */
  get isOpen(): boolean {
    return !this.#isClosing && !this.hasEnded;
  }

  get hasEnded(): boolean {
    return this.#socket.destroyed;
  }

  get bytesReceived(): number {
    return this.#socket.bytesRead;
  }

  post({ path, headers, body }: PushRequest, events: RequestEvents): () => void {
    const request = httpRequest({
      agent: this.#agent,
      method: 'POST',
      path,
      headers: { host: this.#host, ...headers },
    });
    this.active = 1;
    this.unanswered = 1;
    this.requests += 1;
    let answer: { readonly message: IncomingMessage; readonly body: AnswerBody } | undefined;
    let isSettled = false;
    const settle = (isOfConnection: boolean): void => {
      if (isSettled) return;
      isSettled = true;
      this.unanswered = 0;
      events.settled(
        answer === undefined
          ? { kind: 'broken', isOfConnection, suspects: 1, isFlood: this.#isFlood }
          : toAnswer(answer.message, answer.body),
      );
    };
    // A 100 is told as `continue` too; a 101 that does not switch is told as a response.
    const endFlood = (): void => {
      this.endFlood();
      settle(false);
    };
    request.on('information', countInterim(endFlood));
    request.once('response', (message) => {
      const status = message.statusCode ?? 0;
      const kept = new AnswerBody(status);
      answer = { message, body: kept };
      message.on('data', (chunk: Uint8Array) => {
        if (!kept.add(chunk)) request.destroy();
      });
      message.on('error', () => {});
      // The agent ends the socket after such an answer, but the next request could be given to it before.
      if (!request.shouldKeepAlive) this.#isClosing = true;
      // Mostly its end comes in the same turn, and whoever sends the next push finds the connection free.
      if (isSuccess(status)) setImmediate(settle, false);
      events.hasBody();
    });
    request.on('error', () => {});
    request.once('close', () => {
      if (answer?.message.complete !== true) this.#isClosing = true;
      // The agent gets the socket back right after this event.
      queueMicrotask(() => {
        this.active = 0;
        if (!this.isOpen) this.#socket.destroy();
        settle(true);
        events.released();
      });
    });
    request.end(body);
    return () => {
      this.#isClosing = true;
      settle(false);
      request.destroy();
    };
  }

  close(): void {
    this.#isClosing = true;
    if (this.active === 0) this.#socket.destroy();
  }

  destroy(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  endFlood(): void {
    this.#isFlood = true;
    this.destroy();
  }
}

function toAnswer({ statusCode = 0, headers: received }: IncomingMessage, body: AnswerBody): ConnectionResult {
  const headers = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]));
  return { kind: 'answer', status: statusCode, headers, body: body.text() };
}
