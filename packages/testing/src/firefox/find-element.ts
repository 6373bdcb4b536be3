import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { callFunction } from '../bidi/call-function.ts';
import { stringField } from '../json-fields.ts';
import { TestingError } from '../errors.ts';
import { type ElementQuery, waitForElement } from '../wait-for-element.ts';

/**
 * Waits for the first element that fits, and returns its BiDi node id. It outlives navigations: the wait goes on in
 * the page that follows.
 *
 * @throws TestingError `wait-timeout` that says what the page holds instead.
 */
export async function findElement(connection: BidiConnection, context: string, query: ElementQuery): Promise<string> {
  const deadline = performance.now() + query.timeoutMs;
  for (;;) {
    const remainingMs = Math.max(0, deadline - performance.now());
    try {
      const { selector, text = null, state } = query;
      const args = [{ selector, text, state, timeoutMs: remainingMs }];
      const result = await callFunction(connection, { context, declaration: waitForElement, args });
      if (result['type'] === 'node') return stringField(result, 'sharedId');
      throw new TestingError('wait-timeout', `Waited ${query.timeoutMs} ms for ${stringField(result, 'value')}`);
    } catch (error) {
      if (!isNavigation(error) || performance.now() >= deadline) throw error;
    }
  }
}

/** The document, and with it the node or the function's realm, was replaced between two commands or during one. */
export function isNavigation(error: unknown): boolean {
  return (
    error instanceof TestingError && (error.code === 'page-left' || navigationErrors.has(error.protocolError ?? ''))
  );
}

// 'unknown error' is what Firefox answers when the content process of the old document is gone.
const navigationErrors: ReadonlySet<string> = new Set(['no such node', 'unknown error']);
