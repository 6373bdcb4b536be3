import type { ChromiumPushEndpoints } from '../../chromium/push-switches.ts';
import { TestingError } from '../../errors.ts';
import { disconnected } from '../agent-connection.ts';
import type { GcmCredentials } from './check-in.ts';
import { encodeHeartbeatAck, encodeLogin, encodeStreamAck } from './client-message.ts';
import { McsSocket } from './mcs-socket.ts';
import { McsStream, type UnconfirmedMessage } from './mcs-stream.ts';
import type { DataMessage, ServerMessage } from './parse-server-message.ts';

export interface McsSessionOptions {
  readonly endpoints: Pick<ChromiumPushEndpoints, 'mcsEndpoint' | 'certificateSpkiHash'>;
  readonly credentials: GcmCredentials;
  /** Named at the login, and kept up to date from then on. */
  readonly unconfirmed: UnconfirmedMessage[];
  readonly onMessage: (message: DataMessage, acknowledge: () => void) => void;
  /** Called once, however it ended, unless the login was refused. */
  readonly onEnd: (error: TestingError) => void;
}

/**
 * What is said on one MCS socket:
 *
 *     connecting ──LoginRequest──▶ logging-in ──LoginResponse──▶ logged-in
 *         │                            │ └──error in it──▶ refused    │
 *         └────────────────────────────┴──────────▶ ended ◀───────────┘
 */
export class McsSession {
  readonly #options: McsSessionOptions;
  readonly #socket: McsSocket;
  readonly #stream: McsStream;
  readonly #login = Promise.withResolvers<boolean>();
  #state: 'logging-in' | 'logged-in' | 'refused' = 'logging-in';

  constructor(options: McsSessionOptions) {
    this.#options = options;
    this.#stream = new McsStream(options.unconfirmed);
    this.#login.promise.catch(() => {}); // `loggedIn` gives it to who asks
    this.#socket = new McsSocket({
      ...options.endpoints,
      onSecure: () => {
        const receivedIds = options.unconfirmed.map(({ persistentId }) => persistentId);
        this.#say(encodeLogin(options.credentials, receivedIds));
      },
      onMessage: (message) => this.#receive(message),
      onClose: (error) => {
        if (this.#state === 'refused') return;
        this.#login.reject(error);
        options.onEnd(error);
      },
    });
  }

  /** @returns false where the service refused the credentials; the session is then over */
  get loggedIn(): Promise<boolean> {
    return this.#login.promise;
  }

  end(): Promise<void> {
    return this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(message: ServerMessage): void {
    this.#stream.countReceived(message.lastStreamId);
    if ((this.#state === 'logging-in') !== (message.type === 'login-response') && message.type !== 'close') {
      return this.#socket.fail(new TestingError('unreadable-frame', 'The push service logged in too late, or twice'));
    }
    switch (message.type) {
      case 'login-response':
        return this.#answerLogin(message.isRefused);
      case 'data-message': {
        const isDue = this.#stream.addMessage(message);
        return this.#options.onMessage(message, () => {
          if (isDue) this.#say(encodeStreamAck(this.#stream.lastStreamId));
        });
      }
      case 'heartbeat-ping':
        return this.#say(encodeHeartbeatAck(this.#stream.lastStreamId));
      case 'close':
        return this.#socket.fail(disconnected({ why: 'The push service closed the connection' }));
      case 'other':
        return;
    }
  }

  #answerLogin(isRefused: boolean): void {
    this.#state = isRefused ? 'refused' : 'logged-in';
    if (isRefused) this.#socket.destroy();
    this.#login.resolve(!isRefused);
  }

  #say(frame: Uint8Array): void {
    this.#socket.send(frame);
    this.#stream.countSent();
  }
}
