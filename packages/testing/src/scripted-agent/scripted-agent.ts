import type { PushSubscriptionJson } from './agent-subscription.ts';
import type { ReceivedPush } from './received-push.ts';

/**
 * A user agent without a browser: it speaks autopush as Firefox does, or MCS as Chromium does, has one subscription at a
 * time, decrypts what comes and acknowledges it. Its methods throw TestingError.
 */
export interface ScriptedAgent {
  /** The one it has, else the last one it had: to an ended one a push service answers 404 or 410. */
  readonly subscription: PushSubscriptionJson;
  /** Whether `subscription` is still good, as far as the push service has said. */
  readonly isSubscribed: boolean;
  /**
   * The oldest push that no call was given yet, as soon as there is one. It waits without a limit of its own, also while
   * disconnected by `disconnect()`; a signal, such as `AbortSignal.timeout(1000)`, ends the wait with its reason.
   *
   * With `onPush` nothing is kept: a call is then given the next push that arrives.
   *
   * @throws `undecryptable-push`, in the place of that push; `disconnected`, `unreadable-frame` after the service ended the
   *   connection; `agent-closed`
   */
  nextPush(options?: { readonly signal?: AbortSignal | undefined }): Promise<ReceivedPush>;
  /**
   * The subscription it has, else a new one, with new keys and a new endpoint.
   *
   * @throws `registration-refused`, `disconnected`, `unreadable-frame`, `push-service-unreachable`
   */
  subscribe(): Promise<PushSubscriptionJson>;
  /** @returns false where there was no subscription. @throws `disconnected`, `push-service-unreachable` */
  unsubscribe(): Promise<boolean>;
  /** Ends the connection, once what was received is acknowledged. The push service keeps messages from here on. */
  disconnect(): Promise<void>;
  /**
   * Connects again under the same name, so that the service sends what waits. A service that has forgotten the name gives
   * another one: `isSubscribed` is then false, as a browser would fire `pushsubscriptionchange`.
   *
   * @throws `push-service-unreachable`, `disconnected`, `unreadable-frame`, `agent-closed`
   */
  connect(): Promise<void>;
  /** Disconnects for good. The subscription stays with the push service, as that of a browser that was closed. */
  close(): Promise<void>;
}
