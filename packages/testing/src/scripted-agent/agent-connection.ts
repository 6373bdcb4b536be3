import { TestingError } from '../errors.ts';

/** A connection to a push service, from the user agent's side. Made once, and over when it has ended. */
export interface AgentConnection {
  /** @returns whether the service knows the agent from an earlier connection: its subscription is then still good */
  open(): Promise<boolean>;
  /** @returns the endpoint */
  register(channelId: string): Promise<string>;
  unregister(channelId: string): Promise<void>;
  /** Acknowledgements that were given arrive first. */
  close(): Promise<void>;
  /** At once, as a process ends that is killed. */
  terminate(): void;
}

export interface ConnectionEvents {
  readonly onPush: (push: EncryptedPush, acknowledge: (fate: PushFate) => void) => void;
  /** Called once, when the connection ended otherwise than by `close` or `terminate`. */
  readonly onLost: (error: TestingError) => void;
}

/** Makes an agent's connections, one after the other, and knows what the protocol keeps of one for the next. */
export type ConnectAgent = (events: ConnectionEvents) => AgentConnection;

export interface EncryptedPush {
  /** Of the subscription, as `register` was given it. */
  readonly channelId: string;
  /** What a push that comes again is known by; undefined in MCS, where Chromium does not look (measured, 156). */
  readonly version: string | undefined;
  /** Undefined for a push without payload. */
  readonly body: Uint8Array | undefined;
}

/** What became of a push; `ignored`: of an unknown subscription, or seen before. */
export type PushFate = 'decrypted' | 'undecryptable' | 'ignored';

export function disconnected(options: { readonly why?: string; readonly cause?: unknown } = {}): TestingError {
  const { why = 'The agent is not connected', cause } = options;
  return new TestingError('disconnected', `${why}: connect() makes a new one`, { cause });
}
