import { isOthers } from './change-record.ts';
import type { DeviceRecord } from './device-record.ts';
import { obstacle } from './obstacle.ts';
import type { PushClientContext } from './push-client-context.ts';
import { PushClientError, type PushClientErrorCode } from './push-client-error.ts';
import type { PushState } from './push-results.ts';
import { findRegistration, type PushRegistration } from './worker-registration.ts';

/** A browser that is a device, or was one. */
export interface KnownDevice {
  readonly registration: PushRegistration;
  readonly record: DeviceRecord;
}

/** What can be told from here, asking neither the user nor the server. */
export interface DetectedState {
  readonly state: PushState;
  /** Not there where nothing was enabled here, or nothing can be now. */
  readonly device?: KnownDevice;
}

/** @param problem what went wrong with the last try to put things right, if there was one */
export async function detectState(
  context: PushClientContext,
  problem: PushClientErrorCode | null,
): Promise<DetectedState> {
  const { environment, records } = context;
  const found = obstacle(environment);
  if (found) return { state: { status: found } };
  const permission = environment.Notification?.permission;
  if (permission !== 'granted') return { state: { status: permission === 'denied' ? 'blocked' : 'promptable' } };
  try {
    const registration = await findRegistration(context);
    const record = registration && (await records.get(registration.scope));
    if (!record) return { state: problem ? broken(problem) : { status: 'off' } };
    const device = { registration, record };
    if (record.intent !== 'on') return { state: { status: 'off' }, device };
    if (isOthers(context, record)) return { state: broken('signed-out') };
    const subscription = await registration.pushManager.getSubscription();
    const isOn = subscription && subscription.endpoint === record.confirmed?.endpoint;
    return { state: isOn ? { status: 'on' } : broken(problem ?? 'unconfirmed'), device };
  } catch (error) {
    return { state: broken(PushClientError.from(error).code) };
  }
}

function broken(reason: PushClientErrorCode): PushState {
  return { status: 'broken', reason };
}
