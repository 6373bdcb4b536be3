import { encodeBase64Url } from '@belfry/protocol';
import type { ChannelId, MessageId, Uaid } from '../identifiers.ts';
import type { PendingMessage } from '../store/records.ts';

/** What the service says to Firefox, as JSON text frames. `{}` answers a ping. */
export type ServerMessage =
  | {
      readonly messageType: 'hello';
      readonly uaid: Uaid;
      readonly status: 200;
      readonly use_webpush: true;
      readonly broadcasts: Readonly<Record<string, never>>;
    }
  | {
      readonly messageType: 'register';
      readonly channelID: ChannelId;
      readonly status: 200;
      readonly uaid: Uaid;
      /** Reaches `subscription.endpoint` verbatim. */
      readonly pushEndpoint: string;
    }
  /** 400: the subscription's key is no P-256 point; `subscribe()` rejects with an AbortError. */
  | { readonly messageType: 'register'; readonly channelID: ChannelId; readonly status: 400 }
  | { readonly messageType: 'unregister'; readonly channelID: ChannelId; readonly status: 200 }
  | {
      readonly messageType: 'notification';
      readonly channelID: ChannelId;
      readonly version: MessageId;
      readonly data?: string;
      readonly headers?: { readonly encoding: 'aes128gcm' };
    }
  | { readonly messageType?: never };

/** Without payload both `data` and `headers` are left out: the push event's `data` is then null. */
export function notification({ id, channelId, body }: PendingMessage): ServerMessage {
  const envelope = { messageType: 'notification', channelID: channelId, version: id } as const;
  if (body.length === 0) return envelope;
  return { ...envelope, data: encodeBase64Url(body), headers: { encoding: 'aes128gcm' as const } };
}
