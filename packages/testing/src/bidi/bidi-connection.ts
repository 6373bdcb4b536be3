import { once } from 'node:events';
import { WebSocket } from 'ws';
import { TestingError } from '../errors.ts';
import type { JsonObject } from '../json-fields.ts';
import { parseBidiMessage } from './parse-bidi-message.ts';

/** One WebDriver BiDi connection. The browser answers commands in any order. */
export interface BidiConnection {
  /**
   * @throws TestingError `protocol-error` when the browser refuses, `browser-exited` when the connection ends before the answer.
   */
  send(method: string, params?: JsonObject): Promise<JsonObject>;
  /** Calls `listener` at every subscribed event; returns the function that ends it. */
  onEvent(listener: (method: string) => void): () => void;
}

interface PendingCommand {
  readonly method: string;
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: TestingError) => void;
}

/** Connects to `ws://…/session`. */
export async function connectBidi(url: string): Promise<BidiConnection> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const pending = new Map<number, PendingCommand>();
  const listeners = new Set<(method: string) => void>();
  let lastId = 0;

  socket.on('message', (data) => {
    if (!Buffer.isBuffer(data)) return; // ws has other forms of binaryType, and this is its default
    const message = parseBidiMessage(data.toString());
    if (message === undefined) return;
    if (message.type === 'event') {
      for (const listener of listeners) listener(message.method);
      return;
    }
    // An error without an id answers a command that the browser could not read; this connection sends none.
    if (message.id === null) return;
    const command = pending.get(message.id);
    pending.delete(message.id);
    if (message.type === 'success') command?.resolve(message.result);
    else command?.reject(refusal(command.method, message));
  });
  socket.on('close', () => {
    for (const command of pending.values()) command.reject(connectionEnded(command.method));
    pending.clear();
  });

  try {
    await once(socket, 'open');
  } catch (cause) {
    throw new TestingError('browser-exited', 'The browser ended its WebDriver BiDi connection', { cause });
  }
  // 'close' follows every error and rejects what is pending; without a listener the error would end the process.
  socket.on('error', () => {});

  return {
    send(method, params = {}) {
      return new Promise((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) {
          reject(connectionEnded(method));
          return;
        }
        lastId += 1;
        pending.set(lastId, { method, resolve, reject });
        socket.send(JSON.stringify({ id: lastId, method, params }));
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function refusal(method: string, answer: { readonly error: string; readonly message: string }): TestingError {
  return new TestingError('protocol-error', `The browser refused ${method}: ${answer.error}: ${answer.message}`, {
    protocolError: answer.error,
  });
}

function connectionEnded(method: string): TestingError {
  return new TestingError('browser-exited', `The browser ended before it answered ${method}`);
}
