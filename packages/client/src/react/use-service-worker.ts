import { useEffect, useState } from 'react';
import { watchServiceWorker } from './watch-service-worker.ts';

/**
 * The active service worker of this page's registration; undefined on a server, and as long as there is none.
 *
 * @example
 * const { data: sw } = useServiceWorker();
 * sw?.postMessage({ type: 'SUBSCRIBE' });
 */
export function useServiceWorker(): { readonly data: ServiceWorker | undefined } {
  const [data, setWorker] = useState<ServiceWorker>();
  useEffect(() => watchServiceWorker(navigator.serviceWorker, setWorker), []);
  return { data };
}
