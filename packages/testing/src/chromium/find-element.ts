import type { CdpSession } from '../cdp/cdp-connection.ts';
import { callFunction, isNavigation } from '../cdp/evaluate.ts';
import { TestingError } from '../errors.ts';
import { stringField } from '../json-fields.ts';
import { type ElementQuery, waitForElement } from '../wait-for-element.ts';

/**
 * Waits for the first element that fits, and returns its CDP object id. It outlives navigations: the wait goes on in the
 * page that follows.
 *
 * @throws TestingError `wait-timeout` that says what the page holds instead.
 */
export async function findElement(session: CdpSession, query: ElementQuery): Promise<string> {
  const deadline = performance.now() + query.timeoutMs;
  for (;;) {
    const remainingMs = Math.max(0, deadline - performance.now());
    try {
      const { selector, text = null, state } = query;
      const args = [{ selector, text, state, timeoutMs: remainingMs }];
      const result = await callFunction(session, { declaration: waitForElement, args });
      if (result['subtype'] === 'node') return stringField(result, 'objectId');
      throw new TestingError('wait-timeout', `Waited ${query.timeoutMs} ms for ${stringField(result, 'value')}`);
    } catch (error) {
      if (!isNavigation(error) || performance.now() >= deadline) throw error;
    }
  }
}
