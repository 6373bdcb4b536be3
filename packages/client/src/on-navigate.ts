import { claimOffers, type OfferEnvironment } from './claim-offers.ts';

/**
 * Lets this page follow a click on a notification by itself, without a reload: where no page is at exactly its URL, one that
 * says so is brought to the front and given the URL. Answers the function that ends it.
 *
 * @example onNavigate((url) => router.push(url.pathname + url.search));
 */
export function onNavigate(handler: (url: URL) => void, environment: OfferEnvironment = globalThis): () => void {
  return claimOffers(
    environment,
    (offer) => offer.belfry === 'navigate',
    ({ url }: { readonly url: string }) => handler(new URL(url)),
  );
}
