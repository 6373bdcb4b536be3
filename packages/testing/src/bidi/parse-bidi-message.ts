import { isObject, type JsonObject } from '../json-fields.ts';

/** A message from the browser (WebDriver BiDi, section 3.4 "Processing Model": Message). */
export type BidiMessage =
  | { readonly type: 'success'; readonly id: number; readonly result: JsonObject }
  | { readonly type: 'error'; readonly id: number | null; readonly error: string; readonly message: string }
  | { readonly type: 'event'; readonly method: string; readonly params: JsonObject };

/** The message, or `undefined` for text that is none. */
export function parseBidiMessage(text: string): BidiMessage | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { type, id, result, error, message, method, params } = value;
  switch (type) {
    case 'success':
      return typeof id === 'number' && isObject(result) ? { type, id, result } : undefined;
    case 'error':
      return (typeof id === 'number' || id === null) && typeof error === 'string' && typeof message === 'string'
        ? { type, id, error, message }
        : undefined;
    case 'event':
      return typeof method === 'string' && isObject(params) ? { type, method, params } : undefined;
    default:
      return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
