import { parseGcmCredentials } from '../gcm-credentials.ts';
import type { MessageId, Uaid } from '../identifiers.ts';
import type { PushStore } from '../store/push-store.ts';
import type { PendingMessage } from '../store/records.ts';
import { type ClientMessage, parseClientMessage } from './client-message.ts';
import type { FrameError, McsFrame } from './frame-reader.ts';
import { MCS_VERSION, type ServerMessage } from './server-message.ts';
import { McsStream } from './stream.ts';

/**
 * The MCS protocol of one connection, without its socket: frames in, actions out.
 *
 *     awaiting-version ──41──▶ awaiting-login
 *     awaiting-version ──other──▶ (closed)
 *     awaiting-login ──LoginRequest──▶ logged-in    with the credentials of a check-in; what it says has arrived is
 *                                                   dropped, the rest of what waits is sent
 *     awaiting-login ──LoginRequest──▶ (closed)     with others, after a LoginResponse that says so
 *     awaiting-login ──other──▶ (closed)
 *     logged-in ──LoginRequest, Close──▶ (closed)
 *     logged-in ──other──▶ logged-in                a HeartbeatPing is answered; any frame may acknowledge messages
 *     any ──malformed frame, unknown tag──▶ (closed)
 *
 * A closed session has no state of its own: the action `close` is the last that its connection is given.
 */
export type Session =
  | { readonly state: 'awaiting-version' }
  | { readonly state: 'awaiting-login' }
  | { readonly state: 'logged-in'; readonly uaid: Uaid; readonly stream: McsStream };

export type CloseReason =
  | FrameError
  | 'unsupported-version'
  | 'unknown-tag'
  | 'malformed-protobuf'
  | 'expected-login'
  | 'second-login'
  | 'unknown-credentials'
  | 'closed-by-client';

export type SessionAction =
  | { readonly type: 'send'; readonly message: ServerMessage }
  /** From now on messages for `uaid` go to this connection. */
  | { readonly type: 'attach'; readonly uaid: Uaid }
  /** These wait in the store: to be delivered as fast as the client takes them. */
  | { readonly type: 'send-pending'; readonly ids: readonly MessageId[] }
  /** The service's Close frame, then the end of the connection. */
  | { readonly type: 'close'; readonly reason: CloseReason };

export interface SessionStep {
  readonly session: Session;
  readonly actions: readonly SessionAction[];
}

export interface SessionContext {
  readonly store: PushStore;
  /** ms since 1970. */
  readonly now: number;
}

/** Takes one frame. */
export function receiveFrame(session: Session, frame: McsFrame, context: SessionContext): SessionStep {
  if (session.state === 'awaiting-version') {
    return frame.type === 'version' && frame.version === MCS_VERSION
      ? { session: { state: 'awaiting-login' }, actions: [] }
      : close(session, 'unsupported-version');
  }
  if (frame.type === 'version') return close(session, 'unsupported-version');
  const message = parseClientMessage(frame.tag, frame.payload);
  if (!message.ok) return close(session, message.error);
  if (session.state === 'logged-in') return answer(session, message.value, context);
  return message.value.type === 'login' ? logIn(session, message.value, context) : close(session, 'expected-login');
}

/** A push message as the next frame of a client that is logged in; undefined where its subscription has just ended. */
export function pushMessage(
  { stream }: Extract<Session, { state: 'logged-in' }>,
  message: PendingMessage,
  { store }: Pick<SessionContext, 'store'>,
): ServerMessage | undefined {
  const registration = store.gcm.findRegistration(message.channelId);
  if (registration === undefined) return undefined;
  stream.countSent(message);
  return { type: 'push', message, registration, lastStreamId: stream.lastStreamId };
}

function logIn(
  session: Session,
  login: Extract<ClientMessage, { type: 'login' }>,
  context: SessionContext,
): SessionStep {
  const { store, now } = context;
  const credentials = parseGcmCredentials(login.user, login.authToken);
  const uaid = credentials.ok ? store.gcm.findDevice(credentials.value) : undefined;
  if (uaid === undefined) {
    const { actions } = close(session, 'unknown-credentials');
    return { session, actions: [send({ type: 'login-refused' }), ...actions] };
  }
  const loggedIn = { state: 'logged-in', uaid, stream: new McsStream() } as const;
  const received = new Set(login.receivedIds);
  const pending = store.pendingIds(uaid, now);
  for (const id of pending) {
    const message = received.has(id) ? store.pendingMessage(id, now) : undefined;
    if (message !== undefined) store.acknowledge(uaid, { id, channelId: message.channelId });
  }
  return {
    session: loggedIn,
    actions: [
      { type: 'attach', uaid },
      send({ type: 'login-response', lastStreamId: loggedIn.stream.lastStreamId }),
      // Chromium does not recognise a message that it has had: sent again, it would be a second push event (measured).
      { type: 'send-pending', ids: pending.filter((id) => !received.has(id)) },
    ],
  };
}

function answer(
  session: Extract<Session, { state: 'logged-in' }>,
  message: ClientMessage,
  { store }: SessionContext,
): SessionStep {
  const { uaid, stream } = session;
  stream.countReceived();
  if (message.type === 'login') return close(session, 'second-login');
  if (message.type === 'close') return close(session, 'closed-by-client');
  for (const update of stream.takeAcknowledged(message.lastStreamId ?? 0)) store.acknowledge(uaid, update);
  if (message.type === 'other') return { session, actions: [] };
  stream.countSent();
  return { session, actions: [send({ type: 'heartbeat-ack', lastStreamId: stream.lastStreamId })] };
}

function send(message: ServerMessage): SessionAction {
  return { type: 'send', message };
}

function close(session: Session, reason: CloseReason): SessionStep {
  return { session, actions: [{ type: 'close', reason }] };
}
