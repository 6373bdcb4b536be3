import { branded, type Topic, type Urgency, type VapidPublicKey } from '@belfry/protocol';
import * as v from 'valibot';
import type { ChannelId, EndpointToken, MessageId, ReceiptToken, Uaid } from '../identifiers.ts';

/** One push subscription. */
export interface Channel {
  readonly token: EndpointToken;
  readonly uaid: Uaid;
  readonly channelId: ChannelId;
  /** The application server that alone may send (RFC 8292 §4); undefined where the subscription named none. */
  readonly vapidKey: VapidPublicKey | undefined;
  /** False once it was unregistered. */
  readonly live: boolean;
}

/** A push message on its way to a user agent. */
export interface PendingMessage {
  readonly id: MessageId;
  readonly channelId: ChannelId;
  /** The aes128gcm body as it was posted; empty for a push without payload. */
  readonly body: Uint8Array;
}

/** A push message to keep until it is acknowledged or expires. */
export interface NewMessage {
  readonly id: MessageId;
  readonly token: EndpointToken;
  readonly topic: Topic | undefined;
  readonly urgency: Urgency;
  readonly body: Uint8Array;
  /** ms since 1970. */
  readonly expiresAt: number;
  /** Where its sender wants to be told of its end, if it does. */
  readonly receipts: ReceiptToken | undefined;
}

/** What became of a message: 204 its user agent acknowledged it, 410 it never will (RFC 8030 §6.3). */
export interface Receipt {
  readonly messageId: MessageId;
  readonly status: 204 | 410;
}

const text = v.string();

/** Rows are this store's own, so their shape is checked and their values are trusted. */
export const channelRow: v.GenericSchema<unknown, Channel> = v.pipe(
  v.object({ token: text, uaid: text, channel_id: text, vapid_key: v.nullable(text), live: v.number() }),
  v.transform(
    (row): Channel => ({
      token: branded(row.token),
      uaid: branded(row.uaid),
      channelId: branded(row.channel_id),
      vapidKey: row.vapid_key === null ? undefined : branded(row.vapid_key),
      live: row.live === 1,
    }),
  ),
);

export const pendingMessageRow: v.GenericSchema<unknown, PendingMessage> = v.pipe(
  v.object({ id: text, channel_id: text, body: v.instance(Uint8Array) }),
  v.transform(
    (row): PendingMessage => ({
      id: branded(row.id),
      channelId: branded(row.channel_id),
      body: row.body,
    }),
  ),
);

export const receiptRow: v.GenericSchema<unknown, Receipt> = v.pipe(
  v.object({ message_id: text, status: v.picklist([204, 410]) }),
  v.transform((row): Receipt => ({ messageId: branded(row.message_id), status: row.status })),
);

/** Of the statements that say which messages they removed. */
export const messageIdRow: v.GenericSchema<unknown, MessageId> = v.pipe(
  v.object({ id: text }),
  v.transform((row): MessageId => branded(row.id)),
);

/** Of the statement that settles a receipt. */
export const receiptSubscriptionRow: v.GenericSchema<unknown, ReceiptToken> = v.pipe(
  v.object({ subscription: text }),
  v.transform((row): ReceiptToken => branded(row.subscription)),
);

/** Of the statement that lists a user agent's subscriptions. */
export const tokenRow: v.GenericSchema<unknown, EndpointToken> = v.pipe(
  v.object({ token: text }),
  v.transform((row): EndpointToken => branded(row.token)),
);

/** Of the statement that ends a subscription. */
export const channelIdRow: v.GenericSchema<unknown, { readonly channelId: ChannelId }> = v.pipe(
  v.object({ channel_id: text }),
  v.transform((row) => ({ channelId: branded<string, 'ChannelId'>(row.channel_id) })),
);
