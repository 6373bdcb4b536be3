import type { Server, TLSSocket } from 'node:tls';
import { closeWithConnections } from '../close-with-connections.ts';
import type { AgentConnection, ConnectedAgents } from '../connected-agents.ts';
import { MAX_UNREAD_BYTES } from '../limits.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import { type PendingReceiver, sendPending } from '../send-pending.ts';
import type { PendingMessage } from '../store/records.ts';
import { FrameReader } from './frame-reader.ts';
import { encodeServerMessage, MCS_VERSION, type ServerMessage } from './server-message.ts';
import {
  type CloseReason,
  pushMessage,
  receiveFrame,
  type Session,
  type SessionAction,
  type SessionContext,
} from './session.ts';

export interface McsOptions extends Omit<SessionContext, 'now'> {
  readonly agents: ConnectedAgents;
  readonly clock: { now(): number };
  readonly logger: PushServiceLogger;
}

/** Speaks MCS, the protocol of Chromium's push connection, on a TLS server that listens already. */
export function serveMcs(server: Server, options: McsOptions): { close(): Promise<void> } {
  const close = closeWithConnections(server);
  server.on('tlsClientError', (error) => warnOfError(options.logger, error));
  server.on('secureConnection', (socket) => serveConnection(socket, options));
  return { close };
}

function serveConnection(socket: TLSSocket, options: McsOptions): void {
  const { agents, clock, logger, store } = options;
  const frames = new FrameReader();
  let session: Session = { state: 'awaiting-version' };
  const send = (message: ServerMessage, written?: () => void): void => {
    socket.write(encodeServerMessage(message), written);
  };
  const sendPush = (message: PendingMessage, written?: () => void): void => {
    if (session.state !== 'logged-in' || !socket.writable) return;
    const push = pushMessage(session, message, options);
    if (push === undefined) written?.();
    else send(push, written);
  };
  const attempt = (work: () => void): void => {
    // What was on its way when this side ended the connection is not acted on.
    if (!socket.writable) return;
    try {
      work();
    } catch (fault) {
      logger.warn('An MCS connection could not be served', faultFields(fault));
      socket.destroy();
    }
  };

  const connection: AgentConnection = {
    // Whatever fails here is no fault of who posted the message: it is stored, and comes with the next login.
    deliver: (message) => {
      if (socket.writableLength > MAX_UNREAD_BYTES) {
        socket.destroy();
        return 'not-connected';
      }
      attempt(() => sendPush(message));
      return 'handed-over';
    },
    displace: () => socket.destroy(),
  };

  const receiver: PendingReceiver = {
    find: (id) => store.pendingMessage(id, clock.now()),
    isOpen: () => socket.writable,
    send: sendPush,
    attempt,
  };

  const close = (reason: CloseReason): void => {
    if (reason !== 'closed-by-client') logger.warn('Closed an MCS connection', { reason });
    send({ type: 'close' });
    // Ends it once that is written, without waiting for the client to end its side.
    socket.destroySoon();
  };
  const perform = (action: SessionAction): void => {
    switch (action.type) {
      case 'send':
        return send(action.message);
      case 'attach':
        return agents.attach(action.uaid, connection);
      case 'send-pending':
        return sendPending(action.ids.values(), receiver);
      case 'close':
        return close(action.reason);
    }
  };
  const receive = (chunk: Uint8Array): void => {
    for (const frame of frames.read(chunk)) {
      const step = receiveFrame(session, frame, { store, now: clock.now() });
      session = step.session;
      for (const action of step.actions) perform(action);
      if (!socket.writable) return;
    }
    if (frames.error !== undefined) close(frames.error);
  };

  socket.write(Uint8Array.of(MCS_VERSION));
  socket.on('data', (chunk: Buffer) => attempt(() => receive(chunk)));
  socket.on('error', (error) => warnOfError(logger, error));
  socket.on('close', () => {
    if (session.state === 'logged-in') agents.detach(session.uaid, connection);
  });
}

/**
 * Chromium resets its first connection itself, a few ms after the login (measured, 156): not worth a line, whether it is
 * met while reading or writing. What is: its alert `certificate_unknown` (ERR_SSL_…), with which it refuses a certificate
 * that it was not told to trust.
 */
function warnOfError(logger: PushServiceLogger, error: Error): void {
  const code = 'code' in error ? String(error.code) : error.name;
  if (code !== 'ECONNRESET' && code !== 'EPIPE') logger.warn('An MCS connection failed', { code });
}
