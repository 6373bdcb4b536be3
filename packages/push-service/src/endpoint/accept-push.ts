import { parseTopic, parseTtl, parseUrgency, type Topic, type Urgency } from '@belfry/protocol';
import type { JWTPayload } from 'jose';
import type { ConnectedAgents, Delivery } from '../connected-agents.ts';
import type { EndpointToken, IdentifierSource, MessageId, ReceiptToken } from '../identifiers.ts';
import { RETRY_AFTER_SECONDS } from '../limits.ts';
import type { Persona, RefusedPush, WrittenAnswer } from '../personas/persona.ts';
import type { PushStore } from '../store/push-store.ts';
import type { PushRateLimit } from './push-rate-limit.ts';
import { linkedReceiptSubscription, prefersReceipt } from './receipt-request.ts';
import type { Refusal } from './refusal.ts';
import { type VerifiedTokens, verifyVapid } from './verify-vapid.ts';

/** A header's value as Node gives it. */
type Header = string | readonly string[] | undefined;
export type PushHeaders = Readonly<Record<string, Header>>;

export interface PushContext {
  readonly store: PushStore;
  readonly agents: ConnectedAgents;
  readonly identifiers: IdentifierSource;
  readonly origin: string;
  readonly persona: Persona;
  readonly rateLimit: PushRateLimit;
  readonly verified: VerifiedTokens;
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
  /** Whether its sender is to have a receipt, and where it would like that to go. */
  readonly receipt: { readonly subscription: ReceiptToken | undefined } | undefined;
  /** Of its VAPID token. */
  readonly claims: JWTPayload | undefined;
}

export type RefusedOutcome = { readonly type: 'refused' } & RefusedPush;

export type PushCheck =
  | { readonly type: 'checked'; readonly push: CheckedPush }
  | RefusedOutcome
  /** Refused for a reason that only this persona has. */
  | { readonly type: 'refused-by-persona'; readonly answer: WrittenAnswer };

export type PushOutcome =
  | {
      readonly type: 'accepted';
      readonly messageId: MessageId;
      readonly receipts: ReceiptToken | undefined;
      /** One that is not acknowledged waits, or with TTL 0 is lost where its user agent is not connected. */
      readonly delivery: Delivery;
      /** Resolves when no crash can take the message back: only then may it be answered. */
      readonly kept: Promise<void>;
    }
  | RefusedOutcome;

/** What can be said of a push before its body is read. */
export async function checkPush(token: EndpointToken, headers: PushHeaders, context: PushContext): Promise<PushCheck> {
  const { origin, now, persona, verified } = context;
  const header = (name: string): string | undefined => single(headers[name]);
  const channel = context.store.findChannel(token);
  if (channel === undefined) return refuse('unknown-url');
  if (!channel.live) return refuse('unregistered');
  const verdict = await verifyVapid(header('authorization'), { origin, vapidKey: channel.vapidKey, now, verified });
  if (verdict.type === 'refused') return refuse(verdict.fault);
  // After the token, so that nobody but the application server can use up what it may send.
  const waitSeconds = context.rateLimit.take(token, now);
  if (waitSeconds !== undefined) return refuse('too-many-pushes', waitSeconds);
  const ttl = parseTtl(header('ttl'));
  if (!ttl.ok) return refuse(ttl.error);
  const answer = persona.check({ header, ttlSeconds: ttl.value, subject: textClaim(verdict.claims?.['sub']) });
  if (answer !== undefined) return { type: 'refused-by-persona', answer };
  const topicText = header('topic');
  const topic = topicText === undefined ? undefined : parseTopic(topicText);
  if (topic?.ok === false) return refuse(topic.error);
  const urgency = parseUrgency(header('urgency') ?? 'normal');
  return {
    type: 'checked',
    push: {
      token,
      ttlSeconds: Math.min(ttl.value, persona.maxTtlSeconds),
      topic: topic?.value,
      // Mozilla's service does not read Urgency, so a bad one is no error there.
      urgency: urgency.ok ? urgency.value : 'normal',
      encoding: contentEncoding(header),
      receipt:
        persona.givesReceipts && prefersReceipt(header('prefer'))
          ? { subscription: linkedReceiptSubscription(header('link'), origin) }
          : undefined,
      claims: verdict.claims,
    },
  };
}

/** Keeps a push and hands it to its user agent, if that is connected. */
export function acceptPush(push: CheckedPush, body: Uint8Array, context: PushContext): PushOutcome {
  const { store, agents, now } = context;
  if (body.length > 0 && push.encoding !== 'aes128gcm') return refuse('invalid-encoding');
  const { token, topic, urgency, ttlSeconds } = push;
  // Asked again: it may have been unregistered while the body came in.
  const channel = store.findChannel(token);
  if (channel?.live !== true) return refuse('unregistered');
  const id = context.identifiers.messageId();
  let receipts: ReceiptToken | undefined;
  let kept = Promise.resolve();
  if (ttlSeconds > 0) {
    // Mozilla's service takes more than it will keep, and makes the user agent subscribe anew when that comes back.
    if (store.isFull(token, context.maxPendingPerSubscription)) return refuse('too-many-pending', RETRY_AFTER_SECONDS);
    receipts = receiptSubscription(push, context);
    const message = { id, token, topic, urgency, body, expiresAt: now + ttlSeconds * 1000, receipts };
    kept = store.addMessage(message, channel);
  } else if (topic !== undefined) {
    // TTL 0 is now or never (RFC 8030 §5.2): nothing is kept, there is no receipt, and what it replaces goes too.
    store.removeTopic(token, topic);
  }
  const delivery = agents.deliver(channel.uaid, { id, channelId: channel.channelId, body });
  return { type: 'accepted', messageId: id, receipts, delivery, kept };
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
function contentEncoding(header: (name: string) => string | undefined): CheckedPush['encoding'] {
  const encoding = header('content-encoding');
  if (encoding === undefined) return 'none';
  const mixed = /\bsalt=/.test(header('encryption') ?? '') || /\bdh=/.test(header('crypto-key') ?? '');
  return encoding === 'aes128gcm' && !mixed ? 'aes128gcm' : 'other';
}

/** A header given twice is one value with a comma, as HTTP has it (RFC 9110 §5.3), and none of these allows that. */
function single(header: Header): string | undefined {
  return typeof header === 'object' ? header.join(', ') : header;
}

function textClaim(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim : undefined;
}

function refuse(refusal: Refusal, retryAfterSeconds?: number): RefusedOutcome {
  return { type: 'refused', refusal, retryAfterSeconds };
}
