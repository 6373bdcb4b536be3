import { failAs, PushClientError } from './push-client-error.ts';
import type { PushClientContext, PushWorkerScript } from './push-client-context.ts';
import type { PushEnvironment, RegistrationSubset } from './push-environment.ts';

/** Finds the registration without making one; null where there is none. It waits for no worker. */
export async function findRegistration(
  environment: PushEnvironment,
  script: PushWorkerScript | undefined,
): Promise<RegistrationSubset | null> {
  const { location, navigator } = environment;
  if (script === undefined) return (await navigator.serviceWorker?.getRegistration()) ?? null;
  // As register() resolves them: a scope against the page, the default scope against the script.
  const scope = new URL(script.scope ?? new URL('./', new URL(script.url, location.href)), location.href).href;
  const found = await navigator.serviceWorker?.getRegistration(scope);
  // getRegistration() also returns a registration of a wider scope, which is another worker with another subscription.
  return found?.scope === scope ? found : null;
}

/** Registers the script, or takes the registration that the app made for this page; waits until its worker is active. */
export async function activeRegistration(context: PushClientContext): Promise<RegistrationSubset> {
  const { environment, script } = context;
  const container = environment.navigator.serviceWorker;
  if (container === undefined) throw new PushClientError('worker-not-ready');
  // `ready` never settles where the app registers no worker for this page.
  if (script === undefined) return await inTime(context, container.ready);
  const { url, ...options } = script;
  const registration = await container.register(url, options).catch(failAs('worker-registration-failed'));
  await inTime(context, activation(registration));
  return registration;
}

/** subscribe() needs an active worker, and register() resolves before there is one. */
function activation(registration: RegistrationSubset): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = registration.installing ?? registration.waiting;
    if (registration.active !== null || worker === null) return resolve();
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new PushClientError('worker-registration-failed'));
    });
  });
}

async function inTime<T>({ environment, workerTimeoutMs }: PushClientContext, work: Promise<T>): Promise<T> {
  let timer = 0;
  const timeout = new Promise<never>((_, reject) => {
    timer = environment.setTimeout(() => reject(new PushClientError('worker-not-ready')), workerTimeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    environment.clearTimeout(timer);
  }
}
