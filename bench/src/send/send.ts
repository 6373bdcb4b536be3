import type { VapidKeys } from '@belfry/protocol';
import type { SinkAddress } from './sink-process.ts';

export interface SubscriptionJson {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** What a sender is given before it sends. */
export interface SendContext {
  readonly sink: SinkAddress;
  readonly vapidKeys: VapidKeys;
  readonly subscriptions: readonly SubscriptionJson[];
}

/** Sends a text to a subscription; rejects unless it was accepted. */
export type Send = (subscription: SubscriptionJson, text: string) => Promise<void>;
