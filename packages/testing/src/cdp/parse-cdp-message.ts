import { isObject, type JsonObject } from '../json-fields.ts';

/** A message from the browser (Chrome DevTools Protocol 1.3, JSON-RPC over a WebSocket). */
export type CdpMessage =
  | { readonly type: 'success'; readonly id: number; readonly result: JsonObject }
  | { readonly type: 'error'; readonly id: number; readonly message: string }
  | {
      readonly type: 'event';
      readonly method: string;
      readonly params: JsonObject;
      /** Absent in what the browser itself tells. */
      readonly sessionId: string | undefined;
    };

/** The message, or `undefined` for text that is none. */
export function parseCdpMessage(text: string): CdpMessage | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { id, result, error, method, params, sessionId } = value;
  if (typeof id === 'number') {
    if (isObject(result)) return { type: 'success', id, result };
    if (!isObject(error) || typeof error['message'] !== 'string') return undefined;
    return { type: 'error', id, message: error['message'] };
  }
  if (typeof method !== 'string' || !isObject(params)) return undefined;
  return { type: 'event', method, params, sessionId: typeof sessionId === 'string' ? sessionId : undefined };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
