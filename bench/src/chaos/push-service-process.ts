import { serveCalls } from '../process/serve-calls.ts';
import { type MessageCounts, PushCounts } from './push-counts.ts';
import { type PushServerAddress, startPushServer } from './push-server.ts';
import { type ChaosSubscription, Subscriptions } from './subscriptions.ts';

export interface PushServiceOptions {
  readonly subscriptions: number;
  /** What its endpoints begin with, in turn. */
  readonly origins: readonly string[];
  readonly seed: number;
  readonly faultFactor: number;
}

/** What the process of the push service does; messages are known by number. */
export type PushServiceFunctions = ReturnType<typeof pushServiceFunctions>;

function pushServiceFunctions(): {
  start(options: PushServiceOptions): Promise<PushServerAddress & { readonly subscriptions: ChaosSubscription[] }>;
  /** Answers when so many pushes of a message have arrived. */
  reached(moment: { readonly message: number; readonly pushes: number }): Promise<void>;
  counts(message: number): MessageCounts;
  /** Requests that were no push for a subscription of this service. */
  unreadable(): number;
} {
  let counts = new PushCounts(0);
  let unreadable = 0;
  return {
    async start({ subscriptions: count, origins, ...options }) {
      counts = new PushCounts(count);
      const subscriptions = new Subscriptions();
      const made = subscriptions.make(count, origins);
      const onUnreadable = (): void => void (unreadable += 1);
      const address = await startPushServer({ ...options, counts, subscriptions, onUnreadable });
      return { ...address, subscriptions: made };
    },
    reached: ({ message, pushes }) => counts.reached(message, pushes),
    counts: (message) => counts.of(message),
    unreadable: () => unreadable,
  };
}

serveCalls(pushServiceFunctions());
