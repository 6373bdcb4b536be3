import { once } from 'node:events';
import { WebSocket } from 'ws';
import { TestingError } from '../errors.ts';
import { type JsonObject, stringField } from '../json-fields.ts';
import { parseCdpMessage } from './parse-cdp-message.ts';

/** Sends commands to one target: the browser, or a tab. */
export interface CdpSession {
  /**
   * @throws TestingError `protocol-error` when the browser refuses, `page-left` when the tab was closed before the
   *   answer, `browser-exited` when the connection ended before it
   */
  send(method: string, params?: JsonObject): Promise<JsonObject>;
}

/** One Chrome DevTools Protocol connection; it is itself the browser's session. */
export interface CdpConnection extends CdpSession {
  /**
   * The session of a tab, the same one each time.
   *
   * @throws TestingError `page-left` when there is no such tab
   */
  session(targetId: string): Promise<CdpSession>;
  /** Calls `listener` at every event; returns the function that ends it. */
  onEvent(listener: (event: CdpEvent) => void): () => void;
  /** One that the browser itself has told of. */
  sessionWithId(sessionId: string): CdpSession;
}

export interface CdpEvent {
  readonly method: string;
  readonly params: JsonObject;
  /** Whose event it is. */
  readonly session: CdpSession;
}

interface PendingCommand {
  readonly method: string;
  readonly sessionId: string | undefined;
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: TestingError) => void;
}

/** Connects to `ws://…/devtools/browser/…`. */
export async function connectCdp(url: string): Promise<CdpConnection> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const pending = new Map<number, PendingCommand>();
  const listeners = new Set<(event: CdpEvent) => void>();
  const sessions = new Map<string, Promise<CdpSession>>();
  let lastId = 0;

  function rejectPending(error: (method: string) => TestingError, fits: (command: PendingCommand) => boolean): void {
    for (const [id, command] of pending) {
      if (!fits(command)) continue;
      pending.delete(id);
      command.reject(error(command.method));
    }
  }

  socket.on('message', (data) => {
    if (!Buffer.isBuffer(data)) return; // ws has other forms of binaryType, and this is its default
    const message = parseCdpMessage(data.toString());
    if (message === undefined) return;
    if (message.type === 'event') {
      const { method, params, sessionId } = message;
      if (method === 'Target.detachedFromTarget') {
        rejectPending(tabClosed, (command) => command.sessionId === params['sessionId']);
      }
      for (const listener of listeners) listener({ method, params, session: sessionWithId(sessionId) });
      return;
    }
    const command = pending.get(message.id);
    pending.delete(message.id);
    if (message.type === 'success') command?.resolve(message.result);
    else command?.reject(refusal(command.method, message.message));
  });
  socket.on('close', () => rejectPending(connectionEnded, () => true));

  try {
    await once(socket, 'open');
  } catch (cause) {
    throw new TestingError('browser-exited', 'The browser ended its DevTools connection', { cause });
  }
  // 'close' follows every error and rejects what is pending; without a listener the error would end the process.
  socket.on('error', () => {});

  function send(method: string, params: JsonObject = {}, sessionId?: string): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) {
        reject(connectionEnded(method));
        return;
      }
      lastId += 1;
      pending.set(lastId, { method, sessionId, resolve, reject });
      socket.send(JSON.stringify({ id: lastId, method, params, sessionId }));
    });
  }

  /** Without an id it is the browser's own. */
  function sessionWithId(sessionId: string | undefined): CdpSession {
    return { send: (method, params) => send(method, params, sessionId) };
  }

  async function attach(targetId: string): Promise<CdpSession> {
    const answer = await send('Target.attachToTarget', { targetId, flatten: true });
    return sessionWithId(stringField(answer, 'sessionId'));
  }

  return {
    ...sessionWithId(undefined),
    sessionWithId,
    session(targetId) {
      const session = sessions.get(targetId) ?? attach(targetId);
      sessions.set(targetId, session);
      return session;
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function refusal(method: string, protocolError: string): TestingError {
  if (closedErrors.has(protocolError)) return tabClosed(method);
  return new TestingError('protocol-error', `The browser refused ${method}: ${protocolError}`, { protocolError });
}

const closedErrors: ReadonlySet<string> = new Set([
  'No target with given id found',
  'Session with given id not found.',
]);

function tabClosed(method: string): TestingError {
  return new TestingError('page-left', `The tab is closed; it did not answer ${method}`);
}

function connectionEnded(method: string): TestingError {
  return new TestingError('browser-exited', `The browser ended before it answered ${method}`);
}
