import { withUser } from './change-record.ts';
import { closeNotifications } from './close-notifications.ts';
import type { PushClientContext } from './push-client-context.ts';
import { findRegistration } from './worker-registration.ts';

/** Notes who is signed in. Where nothing is registered yet, `enable()` notes it. */
export async function identifyUser(context: PushClientContext): Promise<void> {
  const registration = await findRegistration(context);
  if (!registration) return;
  const record = await context.records.update(registration.scope, (before) => {
    // Where logout() was called meanwhile, it has the last word.
    if (!before || context.user === null) return null;
    return { ...withUser(context, before), intent: before.intent === 'signed-out' ? 'on' : before.intent };
  });
  // Nobody's any more, or not yet known to be this user's.
  if (record && !record.confirmed) await closeNotifications(registration);
}
