import { withUser } from './change-record.ts';
import type { PushClientContext } from './push-client-context.ts';
import { findRegistration } from './worker-registration.ts';

/** Notes who is signed in. */
export async function identifyUser(context: PushClientContext): Promise<void> {
  const registration = await findRegistration(context);
  if (!registration) return;
  await context.records.update(registration.scope, (record) => {
    // Where logout() was called meanwhile, it has the last word.
    if (!record || context.user === null) return null;
    return { ...withUser(context, record), intent: record.intent === 'signed-out' ? 'on' : record.intent };
  });
}
