import type { Server } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { AgentConnection, ConnectedAgents } from '../connected-agents.ts';
import { CLOSE_GRACE_MS, MAX_FRAME_BYTES, MAX_UNREAD_BYTES } from '../limits.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import { type PendingReceiver, sendPending } from '../send-pending.ts';
import { notification, type ServerMessage } from './server-message.ts';
import { receiveFrame, type Session, type SessionAction, type SessionContext } from './session.ts';

export interface AutopushOptions extends Omit<SessionContext, 'now'> {
  readonly agents: ConnectedAgents;
  readonly clock: { now(): number };
  readonly logger: PushServiceLogger;
}

/** Close codes of RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;
const UNSUPPORTED_DATA = 1003;
const INTERNAL_ERROR = 1011;

/** Speaks autopush on an HTTP server that listens already. */
export function serveAutopush(server: Server, options: AutopushOptions): { close(): Promise<void> } {
  // closeTimeout: ws destroys the TCP connection of a peer that does not answer the close frame (see CLOSE_GRACE_MS).
  const settings = {
    server,
    maxPayload: MAX_FRAME_BYTES,
    closeTimeout: CLOSE_GRACE_MS,
    // Any web page may open a WebSocket to localhost, with its own origin or `null`. Firefox itself comes from that of its
    // dom.push.serverURL, and what is no browser has none.
    verifyClient: ({ origin }: { origin: string | undefined }) => origin === undefined || /^wss?:/i.test(origin),
  };
  const webSockets = new WebSocketServer(settings);
  webSockets.on('connection', (socket) => serveConnection(socket, options));
  return {
    async close() {
      const closed = [...webSockets.clients].map((socket) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        socket.once('close', resolve);
        socket.close(GOING_AWAY);
        return promise;
      });
      const { promise, resolve } = Promise.withResolvers<void>();
      // With an HTTP server of its own making, `WebSocketServer.close` would close that too; this one was given.
      webSockets.close();
      server.close(() => resolve());
      // Those that have not become a WebSocket.
      server.closeAllConnections();
      await Promise.all([promise, ...closed]);
    },
  };
}

function serveConnection(socket: WebSocket, options: AutopushOptions): void {
  const { agents, clock, logger, store, identifiers, endpoint } = options;
  let session: Session = { state: 'unidentified' };
  const send = (message: ServerMessage, written?: () => void): void => socket.send(JSON.stringify(message), written);
  const connection: AgentConnection = {
    deliver: (message) => {
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) {
        socket.terminate();
        return 'not-connected';
      }
      send(notification(message));
      return 'handed-over';
    },
    displace: () => socket.terminate(),
  };

  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (fault) {
      logger.warn('An autopush frame could not be handled', faultFields(fault));
      socket.close(INTERNAL_ERROR);
    }
  };
  const receiver: PendingReceiver = {
    find: (id) => store.pendingMessage(id, clock.now()),
    isOpen: () => socket.readyState === socket.OPEN,
    send: (message, written) => send(notification(message), written),
    attempt,
  };

  const perform = (action: SessionAction): void => {
    switch (action.type) {
      case 'send':
        return send(action.message);
      case 'attach':
        return agents.attach(action.uaid, connection);
      case 'send-pending':
        return sendPending(action.ids.values(), receiver);
      case 'warn':
        return logger.warn(action.message, action.fields);
      case 'close':
        logger.warn('Closed an autopush connection', { reason: action.reason });
        return socket.close(PROTOCOL_ERROR, action.reason);
    }
  };

  const receive = (data: RawData, isBinary: boolean): void => {
    // Frames that were on their way when this side began to close are not acted on.
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) return socket.close(UNSUPPORTED_DATA, 'text frames only');
    attempt(() => {
      const context = { store, identifiers, endpoint, now: clock.now() };
      // oxlint-disable-next-line typescript/no-base-to-string -- a Buffer, as binaryType is never changed
      const step = receiveFrame(session, data.toString(), context);
      session = step.session;
      for (const action of step.actions) perform(action);
    });
  };

  socket.on('message', receive);
  // Oversized frames, invalid UTF-8 and the like: ws closes the connection with the right code by itself.
  socket.on('error', (error) => logger.warn('Closed an autopush connection', { reason: error.message }));
  socket.on('close', () => {
    if (session.state === 'identified') agents.detach(session.uaid, connection);
  });
}
