import { withoutUser } from './change-record.ts';
import { closeNotifications } from './close-notifications.ts';
import type { DeviceRecord } from './device-record.ts';
import { leaveDevices } from './leave-devices.ts';
import type { PushClientContext } from './push-client-context.ts';
import { PushClientError } from './push-client-error.ts';
import { endSubscription } from './subscribe-browser.ts';
import { findRegistration } from './worker-registration.ts';

/** What became of each part; null: it is done. */
export interface EndedDevice {
  /** Whether it is noted here, so that the worker shows nothing of the user any more. */
  readonly record: PushClientError | null;
  readonly browser: PushClientError | null;
  readonly server: PushClientError | null;
}

/**
 * Ends what this browser is to its user: in its own record first of all, then in the browser and at the server, each whatever
 * becomes of the others. What the server was not told stays in the record.
 */
export async function endDevice(
  context: PushClientContext,
  change: (record: DeviceRecord) => Partial<DeviceRecord>,
): Promise<EndedDevice> {
  const registration = await findRegistration(context);
  if (!registration) return { record: null, browser: null, server: null };
  const { scope, pushManager } = registration;
  const noted = await context.records
    .update(scope, (record) => record && { ...withoutUser(context, record), ...change(record) })
    .then(() => null, PushClientError.from);
  void context.look();
  void closeNotifications(registration);
  const [browser, server] = await Promise.all([endSubscription(pushManager), leaveDevices(context, scope)]);
  return { record: noted, browser, server: noted ?? server };
}
