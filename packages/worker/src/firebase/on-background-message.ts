import type { Messaging } from './get-messaging.ts';
import type { MessagePayload } from './message-payload.ts';

/** A service worker waits for what it answers. */
export type NextFn<T> = (value: T) => unknown;

/** `next` alone is ever called. */
export interface Observer<T> {
  next: NextFn<T>;
  error?: (error: Error) => void;
  complete?: () => void;
}

export type Unsubscribe = () => void;

/**
 * Calls the handler for each of Firebase's messages that no page has taken; a later handler takes the place of this one. Where it shows
 * a notification that is the only one: answer its promise, or that of all the work that comes before it. Where it shows none
 * within 2.5 s, the message's is shown, or else the default notification.
 */
export function onBackgroundMessage(
  messaging: Messaging,
  nextOrObserver: NextFn<MessagePayload> | Observer<MessagePayload>,
): Unsubscribe {
  const handler: NextFn<MessagePayload> = (payload) =>
    typeof nextOrObserver === 'function' ? nextOrObserver(payload) : nextOrObserver.next(payload);
  messaging.backgroundHandler = handler;
  return () => {
    if (messaging.backgroundHandler === handler) messaging.backgroundHandler = null;
  };
}
