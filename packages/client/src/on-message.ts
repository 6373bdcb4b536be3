import { claimOffers, type Offer, type OfferEnvironment } from './claim-offers.ts';
import type { MessageType, PageMessage } from './messages.ts';

/**
 * Takes the messages of a type while this page is visible, in place of their notification: of all open pages the focused one
 * gets it, else the one that was last. `'*'` takes every type, and notifications without one. Where a browser allows no push
 * without a notification (Safari), that is shown too. Answers the function that ends it.
 *
 * @example onMessage('chat.message', ({ payload }) => append(payload.from, payload.text));
 */
export function onMessage<Type extends MessageType>(
  type: Type | '*',
  handler: (message: PageMessage<Type>) => void,
  environment: OfferEnvironment = globalThis,
): () => void {
  const wants = ({ belfry, type: offered }: Offer): boolean =>
    belfry === 'message' && (type === '*' || offered === type);
  return claimOffers(environment, wants, handler);
}
