import { randomUUID } from 'node:crypto';
import { branded, generateVapidKeys, type Parsed, parseAuthSecret, parseEndpoint, parseP256dh } from '@belfry/protocol';
import { type OpenStore, parseUserId } from '@belfry/store';
import type { ChaosSubscription } from './subscriptions.ts';

const AT_ONCE = 500;

/** A broadcast at a local time has parts for each of them, more than one sender takes at once. */
const TIME_ZONES =
  'Europe/Lisbon Europe/Rome Europe/Helsinki Africa/Lagos Asia/Dubai Asia/Tokyo Asia/Kolkata Australia/Perth Pacific/Auckland America/Lima America/New_York America/Denver'.split(
    ' ',
  );

/** Makes a device of each subscription, of a user of its own. */
export async function saveDevices(open: OpenStore, subscriptions: readonly ChaosSubscription[]): Promise<void> {
  const store = await open();
  const now = Date.now();
  try {
    const { publicKey } = await store.ensureVapidKeys({ candidate: generateVapidKeys(), now });
    const save = async ({ endpoint, keys }: ChaosSubscription, number: number): Promise<void> => {
      const { outcome } = await store.saveDevice({
        userId: parsed(parseUserId(`user-${number}`)),
        sessionId: null,
        endpoint: parsed(parseEndpoint(endpoint)),
        p256dh: parsed(parseP256dh(keys.p256dh)),
        auth: parsed(parseAuthSecret(keys.auth)),
        vapidPublicKey: publicKey,
        newestVapidKey: publicKey,
        expirationTime: null,
        secretHash: null,
        pageOrigin: null,
        workerScope: null,
        // Those of both push services have all of them.
        timeZone: TIME_ZONES[Math.floor(number / 2) % TIME_ZONES.length] ?? null,
        lang: null,
        newPublicId: branded(randomUUID()),
        newBinding: branded(randomUUID()),
        now,
      });
      if (outcome !== 'created') throw new Error(`A device was ${outcome}`);
    };
    for (let from = 0; from < subscriptions.length; from += AT_ONCE) {
      const some = subscriptions.slice(from, from + AT_ONCE);
      await Promise.all(some.map((subscription, index) => save(subscription, from + index)));
    }
  } finally {
    await store.close();
  }
}

function parsed<Value, ErrorId extends string>(result: Parsed<Value, ErrorId>): Value {
  if (!result.ok) throw new TypeError(`A subscription of the push service is not one: ${result.error}`);
  return result.value;
}
