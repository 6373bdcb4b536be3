import type { PushClientOptions } from '../push-client.ts';
import type { PushEnvironment, RegistrationSubset } from '../push-environment.ts';

/**
 * Lets a client take a registration that the application made: no page can tell whether its script is a module, so registering it
 * once more might break it. The page's functions are called on the page, as browsers demand.
 */
export function withRegistration(
  page: PushEnvironment,
  registration: RegistrationSubset,
): Pick<PushClientOptions, 'environment' | 'worker'> {
  const { navigator, Notification, AbortSignal } = page;
  const { language, standalone, permissions } = navigator;
  const environment: PushEnvironment = {
    isSecureContext: page.isSecureContext,
    location: page.location,
    history: page.history,
    navigator: {
      language,
      ...(standalone !== undefined && { standalone }),
      ...(permissions && { permissions }),
      serviceWorker: {
        ready: Promise.resolve(registration),
        register: async () => registration,
        getRegistration: async () => registration,
      },
    },
    ...(Notification && { Notification }),
    PushManager: page.PushManager,
    // Some browsers throw where they have none.
    get indexedDB() {
      return page.indexedDB;
    },
    crypto: page.crypto,
    Date: page.Date,
    ...(AbortSignal && { AbortSignal }),
    fetch: (url, init) => page.fetch(url, init),
    setTimeout: (callback, delayMs) => page.setTimeout(callback, delayMs),
    addEventListener: (type, listener) => page.addEventListener(type, listener),
  };
  return { environment, worker: { url: 'registered', scope: registration.scope } };
}
