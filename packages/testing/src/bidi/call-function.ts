import { TestingError } from '../errors.ts';
import type { BidiConnection } from './bidi-connection.ts';
import { type JsonObject, objectField, stringField } from '../json-fields.ts';

/** A JavaScript function's source, the context it runs in, and its arguments: JSON values, then a node by its BiDi id. */
export interface FunctionCall {
  readonly context: string;
  readonly declaration: string;
  readonly args?: readonly unknown[];
  readonly node?: string;
}

const pageLeft = 'belfry: the page was left';

/**
 * Calls a function in a page and awaits its promise; returns the BiDi remote value.
 *
 * A document that is left may stay in Firefox's back/forward cache with its promises pending, and the command is then
 * never answered (measured, 153.7). So the call also ends at `pagehide`.
 *
 * @throws TestingError `page-error` with what the function threw, `page-left` when the document was left meanwhile.
 */
export async function callFunction(connection: BidiConnection, call: FunctionCall): Promise<JsonObject> {
  const answer = await connection.send('script.callFunction', {
    functionDeclaration: `async (json, ...nodes) => {
      const ended = new AbortController();
      const left = new Promise((_, reject) => {
        addEventListener('pagehide', () => reject(new Error(${JSON.stringify(pageLeft)})), { signal: ended.signal });
      });
      try {
        return await Promise.race([(${call.declaration}
        )(...JSON.parse(json), ...nodes), left]);
      } finally {
        ended.abort();
      }
    }`,
    arguments: [
      { type: 'string', value: JSON.stringify(call.args ?? []) },
      ...(call.node === undefined ? [] : [{ sharedId: call.node }]),
    ],
    target: { context: call.context },
    awaitPromise: true,
  });
  if (answer['type'] === 'success') return objectField(answer, 'result');
  const text = stringField(objectField(answer, 'exceptionDetails'), 'text');
  if (text.includes(pageLeft)) throw new TestingError('page-left', 'The page was left while a function ran in it');
  throw new TestingError('page-error', `A function evaluated in the page threw ${text}`);
}

/** Like `callFunction`; returns the result as JSON carries it (`undefined` stays). */
export async function callForJson(connection: BidiConnection, call: FunctionCall): Promise<unknown> {
  const result = await callFunction(connection, {
    ...call,
    declaration: `async (...args) => JSON.stringify(await (${call.declaration}
    )(...args))`,
  });
  return result['type'] === 'undefined' ? undefined : JSON.parse(stringField(result, 'value'));
}
