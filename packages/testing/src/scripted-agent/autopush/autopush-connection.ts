import { WebSocket } from 'ws';
import { TestingError } from '../../errors.ts';
import { type AgentConnection, type ConnectionEvents, disconnected, type PushFate } from '../agent-connection.ts';
import { type PushNotification, parseServerMessage, type ServerMessage } from './parse-server-message.ts';

export interface AutopushConnectionOptions {
  readonly autopushUrl: string;
  /** VAPID public key, base64url. */
  readonly applicationServerKey: string | undefined;
  readonly identity: AutopushIdentity;
}

/** What the service knows an agent by; kept from one connection to the next. */
export interface AutopushIdentity {
  uaid: string | undefined;
}

/** How Firefox says what became of a push. */
const ACK_CODE: Readonly<Record<PushFate, number>> = { decrypted: 100, undecryptable: 101, ignored: 102 };

const PROTOCOL_ERROR = 1002;

/** One WebSocket to an autopush service. */
export class AutopushConnection implements AgentConnection {
  readonly #socket: WebSocket;
  /** Requests under way: 'hello', or a channel's id. */
  readonly #pending = new Map<string, PromiseWithResolvers<ServerMessage>>();
  readonly #options: AutopushConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #fault: TestingError | undefined;
  #isEnding = false;

  constructor(options: AutopushConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#socket = new WebSocket(options.autopushUrl, 'push-notification', { perMessageDeflate: false });
    this.#opened.promise.catch(() => {}); // `open` awaits it
    this.#socket.on('open', this.#opened.resolve);
    this.#socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    // 'close' follows every error. To end before it was open is one too.
    this.#socket.on('error', (cause) => {
      if (this.#isEnding) return;
      const message = `No autopush service answers at ${options.autopushUrl}: start one, or correct autopushUrl`;
      this.#fault ??= new TestingError('push-service-unreachable', message, { cause });
    });
    this.#socket.on('close', (code) => this.#end(code));
  }

  async open(): Promise<boolean> {
    const { identity } = this.#options;
    const claimed = identity.uaid;
    await this.#opened.promise;
    const answer = await this.#request('hello', {
      messageType: 'hello',
      broadcasts: {},
      use_webpush: true,
      ...(claimed === undefined ? {} : { uaid: claimed }),
    });
    if (answer.type !== 'hello') throw this.#unreadable();
    identity.uaid = answer.uaid;
    return answer.uaid === claimed;
  }

  async register(channelId: string): Promise<string> {
    const { applicationServerKey } = this.#options;
    const answer = await this.#request(channelId, {
      messageType: 'register',
      channelID: channelId,
      ...(applicationServerKey === undefined ? {} : { key: applicationServerKey }),
    });
    if (answer.type !== 'register') throw this.#unreadable();
    if (answer.endpoint !== undefined && answer.status === 200) return answer.endpoint;
    const message = `The push service refused the subscription with ${answer.status}: check applicationServerKey`;
    throw new TestingError('registration-refused', message);
  }

  async unregister(channelId: string): Promise<void> {
    // 200: the page called unsubscribe().
    await this.#request(channelId, { messageType: 'unregister', channelID: channelId, code: 200 });
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    this.#socket.close();
    await this.#closed.promise;
  }

  terminate(): void {
    this.#isEnding = true;
    this.#socket.terminate();
  }

  #request(key: string, message: object): Promise<ServerMessage> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(this.#fault ?? disconnected());
    const answer = Promise.withResolvers<ServerMessage>();
    this.#pending.set(key, answer);
    this.#send(message);
    return answer.promise;
  }

  #acknowledge({ channelId, version }: PushNotification, fate: PushFate): void {
    this.#send({ messageType: 'ack', updates: [{ channelID: channelId, version, code: ACK_CODE[fate] }] });
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  #receive(text: string): void {
    // What arrives while this side closes can no longer be acknowledged, so the service will say it again.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const message = parseServerMessage(text);
    if (message === undefined) return void this.#unreadable();
    switch (message.type) {
      case 'notification':
        return this.#events.onPush(message, (fate) => this.#acknowledge(message, fate));
      case 'hello':
        return this.#answer('hello', message);
      case 'register':
      case 'unregister':
        return this.#answer(message.channelId, message);
      case 'unknown':
        return;
    }
  }

  #answer(key: string, message: ServerMessage): void {
    this.#pending.get(key)?.resolve(message);
    this.#pending.delete(key);
  }

  #unreadable(): TestingError {
    this.#fault ??= new TestingError('unreadable-frame', 'The push service sent a frame that is not autopush');
    this.#socket.close(PROTOCOL_ERROR);
    return this.#fault;
  }

  #end(code: number): void {
    const error = this.#fault ?? disconnected({ why: `The connection ended with code ${code}` });
    this.#opened.reject(error);
    for (const answer of this.#pending.values()) answer.reject(error);
    this.#pending.clear();
    if (!this.#isEnding) this.#events.onLost(error);
    this.#closed.resolve();
  }
}
