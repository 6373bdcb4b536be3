import { parseVapidPublicKey, type VapidPublicKey } from '@belfry/protocol';
import type { ChannelId, EndpointToken, IdentifierSource, MessageId, Uaid } from '../identifiers.ts';
import type { LogFields } from '../logger.ts';
import type { PushStore } from '../store/push-store.ts';
import { type AckUpdate, type ClientMessage, parseClientMessage } from './parse-client-message.ts';
import type { ServerMessage } from './server-message.ts';

/**
 * The autopush protocol of one connection, without its socket: frames in, actions out.
 *
 *     unidentified ──hello──▶ identified      the uaid it knows itself by, if it has live subscriptions here, else a new one
 *     unidentified ──other──▶ (closed)        nothing can be said to an agent without a name
 *     identified ──hello──▶ (closed)          an agent has one name per connection
 *     identified ──other──▶ identified
 *     any ──malformed frame──▶ (closed)
 *
 * A closed session has no state of its own: the action `close` is the last that its connection is given.
 */
export type Session = { readonly state: 'unidentified' } | { readonly state: 'identified'; readonly uaid: Uaid };

export type SessionAction =
  | { readonly type: 'send'; readonly message: ServerMessage }
  /** From now on messages for `uaid` go to this connection. */
  | { readonly type: 'attach'; readonly uaid: Uaid }
  /** These wait in the store: to be sent as fast as the user agent takes them. */
  | { readonly type: 'send-pending'; readonly ids: readonly MessageId[] }
  | { readonly type: 'warn'; readonly message: string; readonly fields: LogFields }
  /** WebSocket close code 1002, protocol error. Firefox reconnects after it; 4774 would keep it from doing so. */
  | { readonly type: 'close'; readonly reason: string };

export interface SessionStep {
  readonly session: Session;
  readonly actions: readonly SessionAction[];
}

export interface SessionContext {
  readonly store: PushStore;
  readonly identifiers: IdentifierSource;
  readonly endpoint: (token: EndpointToken) => string;
  /** ms since 1970. */
  readonly now: number;
}

/** Takes one text frame. */
export function receiveFrame(session: Session, frame: string, context: SessionContext): SessionStep {
  const message = parseClientMessage(frame);
  if (!message.ok) return close(session, 'malformed frame');
  if (message.value.type === 'hello') {
    return session.state === 'unidentified' ? identify(message.value.uaid, context) : close(session, 'a second hello');
  }
  return session.state === 'identified'
    ? { session, actions: answer(session.uaid, message.value, context) }
    : close(session, 'expected a hello first');
}

function identify(claimed: string | undefined, { store, identifiers, now }: SessionContext): SessionStep {
  // A uaid that differs from the claimed one makes Firefox drop its subscriptions and fire pushsubscriptionchange,
  // which is right where the service does not have them.
  const uaid = claimed !== undefined && store.isKnown(claimed) ? claimed : identifiers.uaid();
  return {
    session: { state: 'identified', uaid },
    actions: [
      { type: 'attach', uaid },
      send({ messageType: 'hello', uaid, status: 200, use_webpush: true, broadcasts: {} }),
      { type: 'send-pending', ids: store.pendingIds(uaid, now) },
    ],
  };
}

function answer(
  uaid: Uaid,
  message: Exclude<ClientMessage, { type: 'hello' }>,
  context: SessionContext,
): readonly SessionAction[] {
  switch (message.type) {
    case 'register':
      return [send(register({ uaid, channelId: message.channelId, key: message.key }, context))];
    case 'unregister':
      context.store.unregister(message.channelId);
      return [send({ messageType: 'unregister', channelID: message.channelId, status: 200 })];
    case 'ack':
      return message.updates.flatMap((update) => acknowledge(uaid, update, context.store));
    case 'nack':
      return [warn('The push event handler of a service worker failed', message.code)];
    case 'ping':
      return [send({})];
    case 'broadcast-subscribe':
    case 'unknown':
      break;
  }
  return [];
}

function register(
  request: { readonly uaid: Uaid; readonly channelId: ChannelId; readonly key: string | undefined },
  { store, identifiers, endpoint }: SessionContext,
): ServerMessage {
  const { uaid, channelId } = request;
  const key = parseKey(request.key);
  if (!key.ok) return { messageType: 'register', channelID: channelId, status: 400 };
  const token = store.register({ uaid, channelId, vapidKey: key.value, newToken: identifiers.endpointToken() });
  return { messageType: 'register', channelID: channelId, status: 200, uaid, pushEndpoint: endpoint(token) };
}

/** Firefox pads the key; a VAPID header's `k` is not padded. */
function parseKey(key: string | undefined): { ok: true; value: VapidPublicKey | undefined } | { ok: false } {
  return key === undefined ? { ok: true, value: undefined } : parseVapidPublicKey(key.replace(/=+$/, ''));
}

/** Any code ends the message: sent again, Firefox would fail on it, or drop it, in the same way. */
function acknowledge(uaid: Uaid, { channelId, id, code }: AckUpdate, store: PushStore): SessionAction[] {
  store.acknowledge(uaid, { channelId, id });
  if (code === 101) return [warn('The user agent could not decrypt a push message', code)];
  if (code === 102) return [warn('The user agent dropped a push message: unknown subscription, or seen before', code)];
  return [];
}

function send(message: ServerMessage): SessionAction {
  return { type: 'send', message };
}

function warn(message: string, code: number | undefined): SessionAction {
  return { type: 'warn', message, fields: code === undefined ? {} : { code } };
}

function close(session: Session, reason: string): SessionStep {
  return { session, actions: [{ type: 'close', reason }] };
}
