import { isOthers, newRecord, withUser } from './change-record.ts';
import { confirmDevice } from './confirm-device.ts';
import { obstacle } from './obstacle.ts';
import type { PushClientContext } from './push-client-context.ts';
import { PushClientError } from './push-client-error.ts';
import type { EnableResult } from './push-results.ts';
import { requestPermission } from './request-permission.ts';
import { activeRegistration } from './worker-registration.ts';

/** Every step from the click to the confirmed device. Nothing may be awaited before the permission is asked for. */
export async function enablePush(context: PushClientContext): Promise<EnableResult> {
  const { environment, records } = context;
  const { Notification } = environment;
  const inTheWay = obstacle(environment);
  if (inTheWay || !Notification) return { outcome: inTheWay ?? 'unsupported' };
  try {
    const permission = await requestPermission(Notification);
    if (permission !== 'granted') return { outcome: permission === 'denied' ? 'denied' : 'dismissed' };
    const deviceId = await context.inTurn(async () => {
      const registration = await activeRegistration(context);
      const record = await records.update(registration.scope, (found) => {
        const before = found ?? newRecord(context);
        if (isOthers(context, before)) return null;
        return { ...withUser(context, before), intent: 'on' };
      });
      if (!record || isOthers(context, record)) throw new PushClientError('signed-out');
      return await confirmDevice(context, { registration, record });
    });
    return { outcome: 'on', deviceId };
  } catch (error) {
    return { outcome: 'failed', error: PushClientError.from(error) };
  }
}
