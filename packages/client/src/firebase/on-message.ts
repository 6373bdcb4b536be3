import { claimOffers, type OfferEnvironment } from '../claim-offers.ts';
import type { Messaging } from './get-messaging.ts';
import { type FcmMessage, type MessagePayload, toMessagePayload } from './message-payload.ts';

export type NextFn<T> = (value: T) => void;

/** `next` alone is ever called. */
export interface Observer<T> {
  next: NextFn<T>;
  error?: (error: Error) => void;
  complete?: () => void;
}

export type Unsubscribe = () => void;

/** A messaging has one handler: apps set it again, at every render for one. */
const handlers = new WeakMap<Messaging, Unsubscribe>();

/**
 * Takes Firebase's messages while this page is visible, in place of their notification; a later handler takes the place of this one.
 * Of several pages the focused one gets a message, else the one that was last. In Safari the notification is shown too.
 */
export function onMessage(
  messaging: Messaging,
  nextOrObserver: NextFn<MessagePayload> | Observer<MessagePayload>,
  environment: OfferEnvironment = globalThis,
): Unsubscribe {
  handlers.get(messaging)?.();
  const unsubscribe = claimOffers<FcmMessage>(
    environment,
    ({ belfry, type }) => belfry === 'message' && type === 'fcm',
    (message) => {
      const payload = toMessagePayload(message);
      if (typeof nextOrObserver === 'function') nextOrObserver(payload);
      else nextOrObserver.next(payload);
    },
  );
  handlers.set(messaging, unsubscribe);
  return unsubscribe;
}
