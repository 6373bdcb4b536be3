import type { MessageChangeOutcome, MessageId, MessageStatus } from '@belfry/store';
import type { DeviceOutcome } from './delivery/device-outcome.ts';
import type { KnownDevice } from './devices/known-device.ts';
import type { Message } from './message/message.ts';
import type { NotifyOptions } from './message/notify-options.ts';
import type { Target } from './message/target.ts';

/** Who joins a topic: a user id, `{ user }`, or `{ device }` with a device's public id. */
export type TopicMemberOption = string | { readonly user: string } | { readonly device: string };

/** What `notify` answers once the message is durable. */
export interface Notified {
  readonly id: MessageId;
  /** The devices of the users or the device at that moment; null for topics, conditions and all, and for a later time. */
  readonly devices: number | null;
  /**
   * One outcome per device, after its first attempt; what is `retrying` then goes on being tried until its TTL ends. None
   * where `devices` is null, and where the message was sent before under its idempotency key: `messageStatus` counts these.
   */
  settled(): Promise<readonly DeviceOutcome[]>;
}

/** Web Push for one application. */
export interface Belfry<IdentityRequest = Request> {
  /**
   * Sends a message to every device of a user, of several, of a topic, or to all. Resolves when it is on disk: from there on
   * it survives a crash, and is taken up again at the next start. It is for the devices that are there by then.
   *
   * @throws {BelfryError} `invalid-target`, `invalid-condition`, `invalid-message`, `invalid-message-url`, `message-too-large`,
   *   `invalid-notify-options`, `idempotency-conflict`, `unable-to-send-messages`, `store-newer`, `store-replaced`,
   *   `closed`; nothing was stored or sent then
   * @example await belfry.notify('user-42', { title: 'Expense approved', body: '#4821', url: '/expenses/4821' });
   */
  notify(target: Target, message: Message, options?: NotifyOptions): Promise<Notified>;

  /** How far a message is; undefined for an unknown one, and for one that is over for more than 30 days. */
  messageStatus(id: string): Promise<MessageStatus | undefined>;

  /** Stops sending a message, after the pages that are under way. What came of it so far stays. */
  pauseMessage(id: string): Promise<MessageChangeOutcome>;

  /** Goes on with a paused message, where it stopped. */
  resumeMessage(id: string): Promise<MessageChangeOutcome>;

  /**
   * Ends a message: who has not had it does not get it. Requests that are in flight may still be accepted. Another process that
   * shares the store may begin what it has taken up already, for 85 s at most.
   */
  cancelMessage(id: string): Promise<MessageChangeOutcome>;

  /**
   * Joins a topic: a user, with all devices of now and later, or one device.
   *
   * @throws {BelfryError} `invalid-topic`, `invalid-target`, `unknown-device`
   */
  joinTopic(topic: string, member: TopicMemberOption): Promise<void>;

  /**
   * Nothing happens where it had not joined.
   *
   * @throws {BelfryError} `invalid-topic`, `invalid-target`
   */
  leaveTopic(topic: string, member: TopicMemberOption): Promise<void>;

  /**
   * The topics that a user or a device joined itself.
   *
   * @throws {BelfryError} `invalid-target`
   */
  topicsOf(member: TopicMemberOption): Promise<readonly string[]>;

  /**
   * Forgets the devices of a session that `authenticate` named, with what is on its way to them: for a logout that the page
   * could not report. Answers how many live ones there were. What is in flight may still arrive, as for `cancelMessage`.
   *
   * @throws {BelfryError} `invalid-target`
   */
  endSession(sessionId: string): Promise<number>;

  /**
   * The devices of a user, those that are gone included, oldest first.
   *
   * @throws {BelfryError} `invalid-target`
   */
  devicesOf(userId: string): Promise<readonly KnownDevice[]>;

  /**
   * Makes a new pair of VAPID keys, which new devices subscribe with from now on. Those that are there keep theirs, and
   * their messages are signed with it, until their page or worker subscribes again.
   *
   * @throws {BelfryError} `invalid-configuration` where the keys are given by `vapid` or the environment
   */
  rotateVapidKeys(): Promise<void>;

  /**
   * Says that the date is right, where it is more than two days ahead of the last that the store has seen: after the server was off
   * for long, or the clock was set. Until then nothing is deleted because it is old, and the log has the fault `date-jumped`. Also where
   * it is two days behind (`date-behind`), since the clock was wrong before: what was written on a later date then counts as written now.
   *
   * @throws {BelfryError} `store-newer`, `store-replaced`, `closed`
   */
  confirmDate(): Promise<void>;

  /**
   * Answers the routes below the prefix, and 404 to everything else. `identityRequest` is what `authenticate` is asked
   * with, where a framework's own request knows who is signed in. `clientAddress` is the IPv4 or IPv6 address of whoever asks, as
   * far as a proxy in between can be trusted: requests that prove nothing are limited by it. Without it all strangers share one
   * limit.
   */
  handle(
    request: Request,
    context?: {
      readonly identityRequest?: IdentityRequest | undefined;
      readonly clientAddress?: string | undefined;
    },
  ): Promise<Response>;

  /** Waits a few seconds for what is being sent, leaves the rest to the next start, and closes the store. */
  close(): Promise<void>;
}
