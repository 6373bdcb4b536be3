import { branded } from '@belfry/protocol';
import { aDevice, aHash, anotherOf } from '../a-device.test-data.ts';
import type { Store } from '../store.ts';

const ADAS = 'https://fcm.googleapis.com/fcm/send/cZ1:APA91b-x_y';
const BOBS = 'https://fcm.googleapis.com/wp/cZ1:APA91b-x_y';

/**
 * A store from before endpoints were looked up in all spellings may have one subscription twice. The test writes the second endpoint
 * itself, since no store makes such a device today.
 */
export async function saveBesideFormerClaim(
  store: Store,
  setEndpoint: (change: { readonly from: string; readonly to: string }) => unknown,
) {
  const adas = aDevice({ endpoint: branded(ADAS) });
  const bobs = aDevice({ userId: branded('bob'), p256dh: adas.p256dh, auth: adas.auth });
  await store.saveDevice(adas);
  await store.saveDevice(bobs);
  await setEndpoint({ from: bobs.endpoint, to: BOBS });
  const claims = new Set<string>();
  for (const secretHash of [bobs.secretHash, adas.secretHash, aHash()]) {
    for (const endpoint of [adas.endpoint, branded<string, 'Endpoint'>(BOBS)]) {
      const claim = { ...anotherOf(bobs), endpoint, secretHash };
      claims.add((await store.saveDevice(claim)).outcome);
    }
  }
  // The page of the browser subscribes anew after a conflict, and has its device again.
  const { outcome: ownersOutcome } = await store.saveDevice(anotherOf(adas));
  const renewed = aDevice({ secretHash: adas.secretHash });
  const { outcome: renewedOutcome } = await store.saveDevice(renewed);
  const endpoints = (await store.devicesOfUser(adas.userId)).map(({ endpoint }) => endpoint);
  return { claims: [...claims], ownersOutcome, renewedOutcome, isRenewed: endpoints.join() === renewed.endpoint };
}
