import { parseSessionId, parseUserId, type Store } from '@belfry/store';
import type { Belfry } from '../belfry.ts';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { MAX_LISTED_DEVICES } from '../limits.ts';
import { ID_RULE } from '../message/target.ts';
import { toKnownDevice } from './known-device.ts';

export type Devices = Pick<Belfry, 'endSession' | 'devicesOf'>;

/** What the application does with devices; browsers come by the routes. */
export function createDevices({ store, clock }: { readonly store: Store; readonly clock: Clock }): Devices {
  return {
    async endSession(id) {
      const sessionId = parseSessionId(id);
      if (!sessionId.ok) throw invalid(`A session has an id of ${ID_RULE}`);
      const { live } = await store.endSession({ sessionId: sessionId.value, now: clock.now() });
      return live;
    },
    async devicesOf(id) {
      const userId = parseUserId(id);
      if (!userId.ok) throw invalid(`A user has an id of ${ID_RULE}`);
      return (await store.devicesOfUser(userId.value, MAX_LISTED_DEVICES)).map(toKnownDevice);
    },
  };
}

function invalid(rule: string): BelfryError {
  return new BelfryError('invalid-target', rule);
}
