import { callServer } from './call-server.ts';
import type { DeviceRecord } from './device-record.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import { endSubscription } from './subscribe-browser.ts';
import { transact } from './transact.ts';

/**
 * Tells the server of the devices of former users, so that it sends no more of their messages here. Where nobody is to get any, the
 * subscription ends: one that a page was making while its user signed out is noted nowhere else.
 */
export async function leaveDevices(deps: PushWorkerDeps, device: DeviceRecord): Promise<void> {
  if (device.intent !== 'on') await endSubscription(deps.scope.registration.pushManager).catch(deps.report);
  for (const leaving of device.leaving) {
    const request = { path: '/subscribe', method: 'DELETE', body: JSON.stringify(leaving) } as const;
    if (!(await callServer(deps, device, request))) continue;
    await transact(deps, ({ device: now }) => ({
      device: now && { ...now, leaving: now.leaving.filter((each) => each.deviceSecret !== leaving.deviceSecret) },
    }));
  }
}
