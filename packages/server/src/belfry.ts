import type { MessageId } from '@belfry/store';
import type { DeviceOutcome } from './delivery/device-outcome.ts';
import type { Message } from './message/message.ts';
import type { NotifyOptions } from './message/notify-options.ts';
import type { Target } from './message/target.ts';

/** What `notify` answers once the message is durable. */
export interface Notified {
  readonly id: MessageId;
  /** The user's devices at that moment. */
  readonly devices: number;
  /** One outcome per device, after its first attempt; what is `retrying` then goes on being tried until its TTL ends. */
  settled(): Promise<readonly DeviceOutcome[]>;
}

/** Web Push for one application. */
export interface Belfry<IdentityRequest = Request> {
  /**
   * Sends a message to every device of a user. Resolves when it is on disk: from there on it survives a crash, and is
   * taken up again at the next start.
   *
   * @throws {BelfryError} `invalid-target`, `invalid-message`, `invalid-message-url`, `message-too-large`,
   *   `invalid-notify-options`, `unable-to-send-messages`, `closed`; nothing was stored or sent then
   * @example await belfry.notify('user-42', { title: 'Expense approved', body: '#4821', url: '/expenses/4821' });
   */
  notify(target: Target, message: Message, options?: NotifyOptions): Promise<Notified>;

  /**
   * Answers the routes below the prefix, and 404 to everything else. `identityRequest` is what `authenticate` is asked
   * with, where a framework's own request knows who is signed in.
   */
  handle(request: Request, context?: { readonly identityRequest?: IdentityRequest }): Promise<Response>;

  /** Waits a few seconds for what is being sent, leaves the rest to the next start, and closes the store. */
  close(): Promise<void>;
}
