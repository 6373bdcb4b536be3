import { generateVapidKeys, parseAuthSecret, parseEndpoint, parseP256dh } from '@belfry/protocol';
import type { OpenStore } from '@belfry/store';
import { parsed } from '../parsed.ts';
import { newDevice, saveDevices } from '../store/save-devices.ts';
import type { ChaosSubscription } from './subscriptions.ts';

/** A broadcast at a local time has parts for each of them, more than one sender takes at once. */
const TIME_ZONES =
  'Europe/Lisbon Europe/Rome Europe/Helsinki Africa/Lagos Asia/Dubai Asia/Tokyo Asia/Kolkata Australia/Perth Pacific/Auckland America/Lima America/New_York America/Denver'.split(
    ' ',
  );

/** Makes a device of each subscription, of a user of its own. */
export async function saveSubscriptions(open: OpenStore, subscriptions: readonly ChaosSubscription[]): Promise<void> {
  const store = await open();
  try {
    const candidate = generateVapidKeys();
    const { publicKey: vapidPublicKey } = await store.ensureVapidKeys({ candidate, now: Date.now() });
    await saveDevices(store, subscriptions.length, (number) => {
      const subscription = subscriptions[number];
      if (subscription === undefined) throw new RangeError('there is such a subscription');
      const { endpoint, keys } = subscription;
      return newDevice({
        userId: `user-${number}`,
        endpoint: parsed(parseEndpoint(endpoint)),
        p256dh: parsed(parseP256dh(keys.p256dh)),
        auth: parsed(parseAuthSecret(keys.auth)),
        vapidPublicKey,
        // Those of both push services have all of them.
        timeZone: TIME_ZONES[Math.floor(number / 2) % TIME_ZONES.length],
      });
    });
  } finally {
    await store.close();
  }
}
