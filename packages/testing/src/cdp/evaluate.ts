import { TestingError } from '../errors.ts';
import { isObject, type JsonObject, objectField, stringField } from '../json-fields.ts';
import type { CdpSession } from './cdp-connection.ts';

/** A JavaScript function's source and its arguments: JSON values, then a node by its CDP object id. */
export interface FunctionCall {
  readonly declaration: string;
  readonly args?: readonly unknown[];
  readonly node?: string;
}

/**
 * Calls a function in a page and awaits its promise; returns the CDP remote object.
 *
 * @throws TestingError `page-error` with what the function threw, `page-left` when the document was left meanwhile
 */
export async function callFunction(session: CdpSession, call: FunctionCall): Promise<JsonObject> {
  // A JSON text is an argument list once its brackets are those of the call.
  const args = JSON.stringify(call.args ?? []).slice(1, -1);
  const answer = await send(session, call, args);
  const thrown = answer['exceptionDetails'];
  if (!isObject(thrown)) return objectField(answer, 'result');
  throw new TestingError('page-error', `A function evaluated in the page threw ${thrownText(thrown)}`);
}

/** Like `callFunction`; returns the result as JSON carries it (`undefined` stays). */
export async function callForJson(session: CdpSession, call: FunctionCall): Promise<unknown> {
  const result = await callFunction(session, {
    ...call,
    declaration: `async (...args) => JSON.stringify(await (${call.declaration}
    )(...args))`,
  });
  return result['type'] === 'undefined' ? undefined : JSON.parse(stringField(result, 'value'));
}

/** The document was left while a function ran in it, or the node that was found belongs to one that was left. */
export function isNavigation(error: unknown): boolean {
  return error instanceof TestingError && error.code === 'page-left' && error.protocolError !== undefined;
}

async function send(session: CdpSession, call: FunctionCall, args: string): Promise<JsonObject> {
  const { declaration, node } = call;
  try {
    if (node === undefined) {
      const expression = `(${declaration}\n)(${args})`;
      return await session.send('Runtime.evaluate', { expression, awaitPromise: true });
    }
    const functionDeclaration = `function (node) { return (${declaration}\n)(${args}${args && ','} node); }`;
    return await session.send('Runtime.callFunctionOn', {
      objectId: node,
      functionDeclaration,
      arguments: [{ objectId: node }],
      awaitPromise: true,
    });
  } catch (cause) {
    const protocolError = cause instanceof TestingError ? cause.protocolError : undefined;
    if (protocolError === undefined || !navigationErrors.has(protocolError)) throw cause;
    throw new TestingError('page-left', 'The page was left while a function ran in it', { cause, protocolError });
  }
}

const navigationErrors: ReadonlySet<string> = new Set([
  'Inspected target navigated or closed',
  'Execution context was destroyed.',
  'Cannot find default execution context',
  'Cannot find context with specified id',
  'Could not find object with given id',
]);

/** `TypeError: no such thing`, without the stack that Chromium adds. */
function thrownText(details: JsonObject): string {
  const exception = details['exception'];
  const { description, value } = isObject(exception) ? exception : {};
  if (typeof description === 'string') return description.replace(/(?:\n {4}at .*)+$/, '');
  return value === undefined ? stringField(details, 'text') : JSON.stringify(value);
}
