import { WebSocket } from 'ws';
import { type PushNotification, parseServerMessage, type ServerMessage } from './parse-server-message.ts';
import { ScriptedAgentError } from './scripted-agent-error.ts';

export interface AutopushConnectionOptions {
  readonly autopushUrl: string;
  readonly onNotification: (notification: PushNotification) => void;
  /** Called once, when the connection ended otherwise than by `close` or `terminate`. */
  readonly onLost: (error: ScriptedAgentError) => void;
}

/** What became of a push, as Firefox says it: 100 decrypted, 101 not decrypted, 102 unknown subscription or seen before. */
export type AckCode = 100 | 101 | 102;

const PROTOCOL_ERROR = 1002;

/** One WebSocket to an autopush service, from the user agent's side. Made once, and over when it is closed. */
export class AutopushConnection {
  readonly #socket: WebSocket;
  /** Requests under way: 'hello', or a channel's id. */
  readonly #pending = new Map<string, PromiseWithResolvers<ServerMessage>>();
  readonly #options: AutopushConnectionOptions;
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #fault: ScriptedAgentError | undefined;
  #isEnding = false;

  constructor(options: AutopushConnectionOptions) {
    this.#options = options;
    this.#socket = new WebSocket(options.autopushUrl, 'push-notification', { perMessageDeflate: false });
    this.#opened.promise.catch(() => {}); // `hello` awaits it
    this.#socket.on('open', this.#opened.resolve);
    this.#socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    // 'close' follows every error. To end before it was open is one too.
    this.#socket.on('error', (cause) => {
      if (this.#isEnding) return;
      const message = `No autopush service answers at ${options.autopushUrl}: start one, or correct autopushUrl`;
      this.#fault ??= new ScriptedAgentError('push-service-unreachable', message, { cause });
    });
    this.#socket.on('close', (code) => this.#end(code));
  }

  /** @returns the uaid: the same, or another from a service that does not know this one */
  async hello(uaid: string | undefined): Promise<string> {
    await this.#opened.promise;
    const answer = await this.#request('hello', {
      messageType: 'hello',
      broadcasts: {},
      use_webpush: true,
      ...(uaid === undefined ? {} : { uaid }),
    });
    if (answer.type !== 'hello') throw this.#unreadable();
    return answer.uaid;
  }

  /** @returns the endpoint */
  async register(channelId: string, applicationServerKey: string | undefined): Promise<string> {
    const answer = await this.#request(channelId, {
      messageType: 'register',
      channelID: channelId,
      ...(applicationServerKey === undefined ? {} : { key: applicationServerKey }),
    });
    if (answer.type !== 'register') throw this.#unreadable();
    if (answer.endpoint !== undefined && answer.status === 200) return answer.endpoint;
    const message = `The push service refused the subscription with ${answer.status}: check applicationServerKey`;
    throw new ScriptedAgentError('registration-refused', message);
  }

  async unregister(channelId: string): Promise<void> {
    // 200: the page called unsubscribe().
    await this.#request(channelId, { messageType: 'unregister', channelID: channelId, code: 200 });
  }

  acknowledge({ channelId, version }: PushNotification, code: AckCode): void {
    this.#send({ messageType: 'ack', updates: [{ channelID: channelId, version, code }] });
  }

  /** Acknowledgements that were given arrive first. */
  async close(): Promise<void> {
    this.#isEnding = true;
    this.#socket.close();
    await this.#closed.promise;
  }

  /** At once, as a process ends that is killed. */
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
        return this.#options.onNotification(message);
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

  #unreadable(): ScriptedAgentError {
    this.#fault ??= new ScriptedAgentError('unreadable-frame', 'The push service sent a frame that is not autopush');
    this.#socket.close(PROTOCOL_ERROR);
    return this.#fault;
  }

  #end(code: number): void {
    const error = this.#fault ?? disconnected(code);
    this.#opened.reject(error);
    for (const answer of this.#pending.values()) answer.reject(error);
    this.#pending.clear();
    if (!this.#isEnding) this.#options.onLost(error);
    this.#closed.resolve();
  }
}

export function disconnected(code?: number): ScriptedAgentError {
  const reason = code === undefined ? 'The agent is not connected' : `The connection ended with code ${code}`;
  return new ScriptedAgentError('disconnected', `${reason}: connect() makes a new one`);
}
