import { PushClientError } from './push-client-error.ts';
import type { PushClientContext } from './push-client-context.ts';
import type { RegistrationSubset } from './push-environment.ts';

/** What can hold a subscription: a service worker's registration, or the page itself where there are no workers. */
export interface PushRegistration extends Pick<RegistrationSubset, 'scope' | 'pushManager'> {
  readonly getNotifications?: RegistrationSubset['getNotifications'];
}

/**
 * Finds the registration without making one; undefined where there is none, or the browser lets nobody look (a sandboxed frame). It
 * waits for no worker.
 */
export async function findRegistration({
  environment,
  script,
}: PushClientContext): Promise<PushRegistration | undefined> {
  const { location, navigator, pushManager } = environment;
  try {
    const container = navigator.serviceWorker;
    if (!container) return pushManager && { scope: `${location.origin}/`, pushManager };
    if (!script) return await container.getRegistration();
    // As register() resolves them: a scope against the page, the default scope against the script.
    const scope = new URL(script.scope ?? new URL('./', new URL(script.url, location.href)), location.href).href;
    const found = await container.getRegistration(scope);
    // getRegistration() also returns a registration of a wider scope, which is another worker with another subscription.
    return found?.scope === scope ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Registers the script, or takes the registration that the app made for this page; waits until its worker is active. */
export async function activeRegistration(context: PushClientContext): Promise<PushRegistration> {
  const { environment, script } = context;
  const container = environment.navigator.serviceWorker;
  if (container && script) {
    const registration = await container.register(script.url, script).catch((cause: unknown) => {
      throw new PushClientError('worker-registration-failed', { cause });
    });
    await inTime(context, activation(registration));
    return registration;
  }
  // `ready` never settles where the app registers no worker for this page.
  const found = await (container ? inTime(context, container.ready) : findRegistration(context));
  if (!found) throw new PushClientError('worker-not-ready');
  return found;
}

/** subscribe() needs an active worker, and register() resolves before there is one. */
function activation(registration: RegistrationSubset): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = registration.installing ?? registration.waiting;
    if (registration.active || !worker) return resolve();
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new PushClientError('worker-registration-failed'));
    });
  });
}

/** The timer is left to run out: clearing it would be more code than it is worth to any page. */
function inTime<T>({ environment, workerTimeoutMs }: PushClientContext, work: Promise<T>): Promise<T> {
  const timeout = new Promise<never>((_, reject) => {
    environment.setTimeout(() => reject(new PushClientError('worker-not-ready')), workerTimeoutMs);
  });
  return Promise.race([work, timeout]);
}
