import type { VapidPublicKey } from '@belfry/protocol';
import type { Binding, PublicDeviceId, ResubscribeOutcome, SaveDeviceOutcome } from '@belfry/store';
import { BelfryError } from '../errors.ts';
import type { VapidKeyRing } from '../vapid/vapid-key-ring.ts';
import { unknownDevice } from './device-proof.ts';

export interface KeepSubscription {
  readonly keyRing: VapidKeyRing;
  /** The one that the browser says it subscribed with. */
  readonly vapidPublicKey: VapidPublicKey | null;
  /** Asks the store. */
  save(newestVapidKey: VapidPublicKey): Promise<SaveDeviceOutcome | ResubscribeOutcome>;
}

/** What a browser is told of the subscription that it sent. */
export interface KeptSubscription {
  readonly success: true;
  readonly deviceId: PublicDeviceId;
  readonly binding: Binding;
  /** The newest VAPID key. */
  readonly publicKey: VapidPublicKey;
  /**
   * Subscribe anew, with `publicKey`, and send that: this subscription has another key, or its push service refuses it, or a former
   * user of the browser may have noted its endpoint and keys.
   */
  readonly renew: boolean;
  /**
   * True where the device was saved without the secret that came, since a former user of the browser may know it: make a new
   * one, and send that. Of `POST /subscribe` only.
   */
  readonly renewSecret?: boolean;
}

/**
 * What `POST /subscribe` and `POST /resubscribe` have in common.
 *
 * @throws {BelfryError} `unknown-vapid-key`, `endpoint-conflict`, `secret-retired`, `unknown-device`,
 *   `unable-to-save-subscription`; `not-signed-in` where the session has ended meanwhile
 */
export async function keepSubscription({ keyRing, vapidPublicKey, save }: KeepSubscription): Promise<KeptSubscription> {
  if (vapidPublicKey !== null && (await keyRing.find(vapidPublicKey)) === undefined) {
    throw new BelfryError(
      'unknown-vapid-key',
      'The browser subscribed with a VAPID key that is not ours: subscribe anew',
    );
  }
  const publicKey = await keyRing.newest();
  const saved = await save(publicKey).catch((cause: unknown) => {
    throw new BelfryError('unable-to-save-subscription', 'The subscription could not be saved; try again', { cause });
  });
  switch (saved.outcome) {
    case 'endpoint-conflict':
      throw new BelfryError(
        'endpoint-conflict',
        'Another user has this endpoint, under other keys or another deviceSecret: unsubscribe, subscribe anew, and post that',
      );
    case 'secret-retired':
      throw new BelfryError(
        'secret-retired',
        'This deviceSecret belonged to a device that was removed or changed hands: make a new one, and post it',
      );
    case 'session-ended':
      throw new BelfryError('not-signed-in', 'The session ended while the request was under way');
    case 'unknown-device':
      throw unknownDevice();
    case 'created':
    case 'updated':
    case 'moved': {
      const { publicId: deviceId, binding, isRefused } = saved;
      const renew = isRefused || saved.vapidPublicKey !== publicKey;
      const isResubscribed = !('renewSecret' in saved);
      const renewSecret = isResubscribed ? {} : { renewSecret: saved.renewSecret };
      return { success: true, deviceId, binding, publicKey, renew, ...renewSecret };
    }
  }
}
