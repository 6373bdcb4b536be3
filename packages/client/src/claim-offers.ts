/** The part of `window` that talks with the service worker. */
export interface OfferEnvironment {
  readonly navigator: {
    readonly serviceWorker?: {
      addEventListener(type: 'message', listener: (event: OfferEvent) => void): void;
      removeEventListener(type: 'message', listener: (event: OfferEvent) => void): void;
      startMessages(): void;
    };
  };
}

/** The part of `MessageEvent` that Belfry uses. */
export interface OfferEvent {
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

/** What the service worker asks its pages: `type` is a message's, null where it has none. */
export interface Offer {
  readonly belfry: 'message' | 'navigate';
  readonly type?: string | null;
}

/**
 * Answers the worker's offers. What is offered comes on the port, to one of the pages that claimed it in time; so it is handled
 * once, and a page that was too slow handles nothing. Answers the function that ends it.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the worker sends is what the asking side declares
export function claimOffers<Given>(
  { navigator: { serviceWorker } }: OfferEnvironment,
  wants: (offer: Offer) => boolean,
  take: (given: Given) => void,
): () => void {
  const listener = ({ data, ports: [port] }: OfferEvent): void => {
    if (port === undefined || !isOffer(data) || !wants(data)) return;
    port.addEventListener('message', ({ data: given }: MessageEvent<Given>) => take(given), { once: true });
    port.start();
    port.postMessage('claim');
  };
  serviceWorker?.addEventListener('message', listener);
  // Messages wait until the document is read, unless a listener is set by `onmessage`.
  serviceWorker?.startMessages();
  return () => serviceWorker?.removeEventListener('message', listener);
}

function isOffer(data: unknown): data is Offer {
  return typeof data === 'object' && data !== null && 'belfry' in data;
}
