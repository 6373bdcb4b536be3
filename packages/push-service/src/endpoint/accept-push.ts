import { parseTopic, parseTtl, parseUrgency, type Topic, type Urgency } from '@belfry/protocol';
import type { ConnectedAgents } from '../connected-agents.ts';
import type { EndpointToken, IdentifierSource, MessageId } from '../identifiers.ts';
import { MAX_TTL_SECONDS } from '../limits.ts';
import type { PushStore } from '../store/push-store.ts';
import type { Refusal } from './error-answer.ts';
import { verifyVapid } from './verify-vapid.ts';

/** A header's value as Node gives it. */
type Header = string | readonly string[] | undefined;

/** The headers of a push (RFC 8030 §5, RFC 8292), by their lower-case names. */
export type PushHeaders = Readonly<
  Partial<
    Record<'authorization' | 'ttl' | 'topic' | 'urgency' | 'content-encoding' | 'encryption' | 'crypto-key', Header>
  >
>;

export interface PushContext {
  readonly store: PushStore;
  readonly agents: ConnectedAgents;
  readonly identifiers: IdentifierSource;
  readonly origin: string;
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
}

export type PushCheck =
  | { readonly type: 'checked'; readonly push: CheckedPush }
  | { readonly type: 'refused'; readonly refusal: Refusal };

export type PushOutcome =
  | { readonly type: 'accepted'; readonly messageId: MessageId }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/** What can be said of a push before its body is read. */
export async function checkPush(token: EndpointToken, headers: PushHeaders, context: PushContext): Promise<PushCheck> {
  const channel = context.store.findChannel(token);
  if (channel === undefined) return refuse('unknown-url');
  if (!channel.live) return refuse('unregistered');
  const { origin, now } = context;
  if (!(await verifyVapid(single(headers.authorization), { origin, vapidKey: channel.vapidKey, now }))) {
    return refuse('invalid-vapid');
  }
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
  if (ttlSeconds > 0) {
    store.addMessage({ id, token, topic, urgency, body, expiresAt: now + ttlSeconds * 1000 });
  } else if (topic !== undefined) {
    // TTL 0 is now or never (RFC 8030 §5.2): nothing is kept, and what it replaces goes too.
    store.removeTopic(token, topic);
  }
  agents.deliver(channel.uaid, { id, channelId: channel.channelId, body });
  return { type: 'accepted', messageId: id };
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

function refuse(refusal: Refusal): { readonly type: 'refused'; readonly refusal: Refusal } {
  return { type: 'refused', refusal };
}
