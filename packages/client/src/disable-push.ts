import { PushClientError, type PushClientErrorCode } from './push-client-error.ts';
import type { PushClientContext } from './push-client-context.ts';
import type { RegistrationSubset } from './push-environment.ts';
import type { DisableResult } from './push-results.ts';
import { findRegistration } from './worker-registration.ts';

/**
 * Ends the subscription in the browser and at the server, each whatever becomes of the other. The device record goes
 * when the server is done; until then it keeps the endpoint, so that a second call can finish what the first could not.
 */
export async function disablePush(context: PushClientContext): Promise<DisableResult> {
  try {
    const registration = await findRegistration(context.environment, context.script);
    return registration === null ? { outcome: 'off' } : await unsubscribeDevice(context, registration);
  } catch (cause) {
    const error = PushClientError.from(cause);
    return { outcome: 'failed', browser: error, server: error };
  }
}

async function unsubscribeDevice(
  { records, server: api }: PushClientContext,
  { pushManager, scope }: RegistrationSubset,
): Promise<DisableResult> {
  const subscription = await pushManager.getSubscription();
  const endpoint = subscription?.endpoint ?? (await records.get(scope))?.confirmed?.endpoint;
  if (endpoint === undefined) return { outcome: 'off' };

  // Whether unsubscribe() resolves to true does not matter: Firefox says false when its push service did not answer
  // well, and the subscription is gone all the same.
  const browser = await failureOf('unsubscribe-failed', async () => subscription?.unsubscribe());
  const server = await failureOf('unexpected', async () => {
    await api.unsubscribe(endpoint);
    await records.delete(scope);
  });
  return browser === null && server === null ? { outcome: 'off' } : { outcome: 'failed', browser, server };
}

async function failureOf(code: PushClientErrorCode, work: () => Promise<unknown>): Promise<PushClientError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return PushClientError.from(error, code);
  }
}
