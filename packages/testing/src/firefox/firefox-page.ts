import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { browsingContexts } from '../bidi/browsing-contexts.ts';
import { callForJson } from '../bidi/call-function.ts';
import { stringField } from '../json-fields.ts';
import { TestingError } from '../errors.ts';
import type { Page } from '../page.ts';
import type { ElementQuery } from '../wait-for-element.ts';
import { findElement, isNavigation } from './find-element.ts';
import { keyActions, pointerClickActions } from './input-actions.ts';
import { activateTab, closeTab } from './tab-window.ts';

const defaultTimeoutMs = 10_000;

/** One tab. `context` is the id of its browsing context. */
export function firefoxPage(connection: BidiConnection, context: string): Page {
  const perform = (actions: readonly object[]) => connection.send('input.performActions', { context, actions });

  async function withElement<T>(query: Omit<ElementQuery, 'timeoutMs'>, act: (node: string) => Promise<T>): Promise<T> {
    const deadline = performance.now() + defaultTimeoutMs;
    for (;;) {
      const node = await findElement(connection, context, { ...query, timeoutMs: defaultTimeoutMs });
      try {
        return await act(node);
      } catch (error) {
        // The page navigated between the two commands, so nothing was done: the next document may have the element.
        if (!isNavigation(error) || performance.now() >= deadline) throw error;
      }
    }
  }

  async function click(selector: string): Promise<void> {
    // In a tab behind another the page would not be focused, and its script would see that.
    await activateTab(connection, context);
    await withElement({ selector, state: 'receives-input' }, (node) => perform(pointerClickActions(node)));
  }

  return {
    async url() {
      const tab = (await browsingContexts(connection, 'content')).find(({ id }) => id === context);
      if (tab === undefined) throw new TestingError('page-left', 'The tab is closed');
      return tab.url;
    },
    click,
    async type(selector, text) {
      await click(selector);
      await perform(keyActions(text));
    },
    async text(selector) {
      const declaration = '(element) => element.innerText ?? element.textContent';
      const text = await withElement({ selector, state: 'attached' }, (node) =>
        callForJson(connection, { context, declaration, node }),
      );
      return typeof text === 'string' ? text : '';
    },
    async waitFor(selector, { text, timeoutMs = defaultTimeoutMs } = {}) {
      await findElement(connection, context, { selector, text, timeoutMs, state: 'visible' });
    },
    evaluate: (declaration, ...args) => callForJson(connection, { context, declaration, args }),
    async screenshot() {
      const answer = await connection.send('browsingContext.captureScreenshot', { context });
      return Buffer.from(stringField(answer, 'data'), 'base64');
    },
    activate: () => activateTab(connection, context),
    close: () => closeTab(connection, context),
  };
}
