import { parseTopic, parseTtl, parseUrgency, type Topic, type Urgency } from '@belfry/protocol';
import type { ConnectedAgents } from '../connected-agents.ts';
import type { EndpointToken, IdentifierSource, MessageId, ReceiptToken } from '../identifiers.ts';
import { MAX_TTL_SECONDS, RETRY_AFTER_SECONDS } from '../limits.ts';
import type { PushStore } from '../store/push-store.ts';
import type { Refusal } from './error-answer.ts';
import type { PushRateLimit } from './push-rate-limit.ts';
import { linkedReceiptSubscription, prefersReceipt } from './receipt-request.ts';
import { verifyVapid } from './verify-vapid.ts';
import type { RefusalDetails } from './write-answer.ts';

/** A header's value as Node gives it. */
type Header = string | readonly string[] | undefined;

/** The headers of a push (RFC 8030 §5, RFC 8292), by their lower-case names. */
type PushHeaderName =
  | 'authorization'
  | 'ttl'
  | 'topic'
  | 'urgency'
  | 'prefer'
  | 'link'
  | 'content-encoding'
  | 'encryption'
  | 'crypto-key';
export type PushHeaders = Readonly<Partial<Record<PushHeaderName, Header>>>;

export interface PushContext {
  readonly store: PushStore;
  readonly agents: ConnectedAgents;
  readonly identifiers: IdentifierSource;
  readonly origin: string;
  readonly rateLimit: PushRateLimit;
  readonly maxPendingPerSubscription: number;
  /** ms since 1970. */
  readonly now: number;
}

/** A push whose sender and headers are right. */
export interface CheckedPush {
  readonly token: EndpointToken;
  readonly ttlSeconds: number;
  readonly topic: Topic | undefined;
  readonly urgency: Urgency;
  readonly encoding: 'aes128gcm' | 'none' | 'other';
  /** Whether its sender asks for a receipt, and where it would like that to go. */
  readonly receipt: { readonly subscription: ReceiptToken | undefined } | undefined;
}

export type PushCheck =
  | { readonly type: 'checked'; readonly push: CheckedPush }
  | ({ readonly type: 'refused' } & RefusalDetails);

export type PushOutcome =
  | { readonly type: 'accepted'; readonly messageId: MessageId; readonly receipts: ReceiptToken | undefined }
  | ({ readonly type: 'refused' } & RefusalDetails);

/** What can be said of a push before its body is read. */
export async function checkPush(token: EndpointToken, headers: PushHeaders, context: PushContext): Promise<PushCheck> {
  const channel = context.store.findChannel(token);
  if (channel === undefined) return refuse('unknown-url');
  if (!channel.live) return refuse('unregistered');
  const { origin, now } = context;
  if (!(await verifyVapid(single(headers.authorization), { origin, vapidKey: channel.vapidKey, now }))) {
    return refuse('invalid-vapid');
  }
  // After the token, so that nobody but the application server can use up what it may send.
  const waitSeconds = context.rateLimit.take(token, now);
  if (waitSeconds !== undefined) return refuse('too-many-pushes', waitSeconds);
  const ttl = parseTtl(single(headers.ttl));
  if (!ttl.ok) return refuse(ttl.error);
  const topicText = single(headers.topic);
  const topic = topicText === undefined ? undefined : parseTopic(topicText);
  if (topic?.ok === false) return refuse(topic.error);
  const urgency = parseUrgency(single(headers.urgency) ?? 'normal');
  return {
    type: 'checked',
    push: {
      token,
      ttlSeconds: Math.min(ttl.value, MAX_TTL_SECONDS),
      topic: topic?.value,
      // Mozilla's service does not read Urgency, so a bad one is no error there.
      urgency: urgency.ok ? urgency.value : 'normal',
      encoding: contentEncoding(headers),
      receipt: prefersReceipt(single(headers.prefer))
        ? { subscription: linkedReceiptSubscription(single(headers.link), origin) }
        : undefined,
    },
  };
}

/** Keeps a push and hands it to its user agent, if that is connected. Nothing of it is asynchronous: a 201 is a fact. */
export function acceptPush(push: CheckedPush, body: Uint8Array, context: PushContext): PushOutcome {
  const { store, agents, now } = context;
  if (body.length > 0 && push.encoding !== 'aes128gcm') return refuse('invalid-encoding');
  const { token, topic, urgency, ttlSeconds } = push;
  // Asked again: it may have been unregistered while the body came in.
  const channel = store.findChannel(token);
  if (channel?.live !== true) return refuse('unregistered');
  const id = context.identifiers.messageId();
  let receipts: ReceiptToken | undefined;
  if (ttlSeconds > 0) {
    // Mozilla's service takes more than it will keep, and makes the user agent subscribe anew when that comes back.
    if (store.isFull(token, context.maxPendingPerSubscription)) return refuse('too-many-pending', RETRY_AFTER_SECONDS);
    receipts = receiptSubscription(push, context);
    store.addMessage({ id, token, topic, urgency, body, expiresAt: now + ttlSeconds * 1000, receipts });
  } else if (topic !== undefined) {
    // TTL 0 is now or never (RFC 8030 §5.2): nothing is kept, there is no receipt, and what it replaces goes too.
    store.removeTopic(token, topic);
  }
  agents.deliver(channel.uaid, { id, channelId: channel.channelId, body });
  return { type: 'accepted', messageId: id, receipts };
}

/** Where the receipt will go, if one is asked for: where the sender would have it, or a new subscription. */
function receiptSubscription({ receipt }: CheckedPush, context: PushContext): ReceiptToken | undefined {
  if (receipt === undefined) return undefined;
  const { subscription } = receipt;
  const { store, identifiers, now } = context;
  if (subscription !== undefined && store.receipts.useSubscription(subscription, now)) return subscription;
  const created = identifiers.receiptToken();
  store.receipts.createSubscription(created, now);
  return created;
}

/** Mozilla's service refuses aes128gcm beside the headers of its predecessor, which hold what the body holds already. */
function contentEncoding(headers: PushHeaders): CheckedPush['encoding'] {
  const encoding = single(headers['content-encoding']);
  if (encoding === undefined) return 'none';
  const mixed = /\bsalt=/.test(single(headers.encryption) ?? '') || /\bdh=/.test(single(headers['crypto-key']) ?? '');
  return encoding === 'aes128gcm' && !mixed ? 'aes128gcm' : 'other';
}

/** A header given twice is one value with a comma, as HTTP has it (RFC 9110 §5.3), and none of these allows that. */
function single(header: Header): string | undefined {
  return typeof header === 'object' ? header.join(', ') : header;
}

function refuse(refusal: Refusal, retryAfterSeconds?: number): { readonly type: 'refused' } & RefusalDetails {
  return { type: 'refused', refusal, retryAfterSeconds };
}
