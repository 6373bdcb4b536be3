import { type MessageChange, type MessageChangeOutcome, parseMessageId, type Store } from '@belfry/store';
import type { Belfry } from '../belfry.ts';
import type { DeliveryEngine } from '../delivery/delivery-engine.ts';
import type { Withdrawn } from '../delivery/withdrawn.ts';
import type { Clock } from '../effects.ts';

export type Messages = Pick<Belfry, 'messageStatus' | 'pauseMessage' | 'resumeMessage' | 'cancelMessage'>;

export interface MessagesEffects {
  readonly store: Store;
  readonly engine: Pick<DeliveryEngine, 'wakeAt'>;
  readonly clock: Clock;
  readonly withdrawn: Pick<Withdrawn, 'addMessage'>;
}

/** What can be asked of a message, and done with it, after notify() has returned. */
export function createMessages({ store, engine, clock, withdrawn }: MessagesEffects): Messages {
  const change = async (id: string, what: MessageChange): Promise<MessageChangeOutcome> => {
    const messageId = parseMessageId(id);
    if (!messageId.ok) return 'unknown-message';
    const outcome = await store.changeMessage({ id: messageId.value, change: what, now: clock.now() });
    if (what === 'cancel' && outcome === 'changed') withdrawn.addMessage(messageId.value);
    engine.wakeAt(clock.now());
    return outcome;
  };
  return {
    async messageStatus(id) {
      const messageId = parseMessageId(id);
      return messageId.ok ? await store.messageStatus(messageId.value) : undefined;
    },
    pauseMessage: (id) => change(id, 'pause'),
    resumeMessage: (id) => change(id, 'resume'),
    cancelMessage: (id) => change(id, 'cancel'),
  };
}
