import type { Store } from '@belfry/store';
import type { Notified } from './belfry.ts';
import type { DeliveryEngine } from './delivery/delivery-engine.ts';
import type { Clock, RandomBytes } from './effects.ts';
import { BelfryError } from './errors.ts';
import { randomId } from './random-ids.ts';
import { checkUrls } from './message/check-urls.ts';
import { writeContent } from './message/message-content.ts';
import { parseNotifyOptions } from './message/notify-options.ts';
import { parseMessage } from './message/parse-message.ts';
import { parseTarget } from './message/target.ts';
import { checkSize } from './message/wire-message.ts';

export interface NotifyEffects {
  readonly store: Store;
  readonly engine: DeliveryEngine;
  readonly origins: readonly string[];
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** `Belfry.notify`, for input of any shape: everything is checked before anything is stored. */
export type Notify = (target: unknown, message: unknown, options: unknown) => Promise<Notified>;

export function createNotify({ store, engine, origins, clock, randomBytes }: NotifyEffects): Notify {
  return async (target, input, inputOptions) => {
    const userId = parseTarget(target);
    const message = parseMessage(input);
    const options = parseNotifyOptions(inputOptions);
    checkUrls(message, origins);
    checkSize(message, origins);

    const id = randomId<'MessageId'>(randomBytes);
    const now = clock.now();
    const content = writeContent({ message, options });
    const deliveries = await store
      .enqueueMessage({ id, userId, content, now, expiresAt: now + options.ttl * 1000 })
      .catch((cause: unknown) => {
        throw new BelfryError('unable-to-send-messages', 'The message could not be stored; try again', { cause });
      });
    const settled = engine.deliver(deliveries);
    return { id, devices: deliveries.length, settled: () => settled };
  };
}
