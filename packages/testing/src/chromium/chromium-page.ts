import type { CdpConnection, CdpSession } from '../cdp/cdp-connection.ts';
import { callForJson, isNavigation } from '../cdp/evaluate.ts';
import { TestingError } from '../errors.ts';
import { isObject, stringField } from '../json-fields.ts';
import type { Page } from '../page.ts';
import type { ElementQuery } from '../wait-for-element.ts';
import { defaultTimeoutMs } from './default-timeout.ts';
import { findElement } from './find-element.ts';
import { clickAt, type Point, typeKeys } from './input-events.ts';
import type { PageTargets } from './page-targets.ts';

export interface ChromiumPageOptions {
  readonly connection: CdpConnection;
  readonly targets: PageTargets;
  readonly targetId: string;
}

/** One tab. */
export async function chromiumPage({ connection, targets, targetId }: ChromiumPageOptions): Promise<Page> {
  const session = await connection.session(targetId);

  async function withElement<T>(query: Omit<ElementQuery, 'timeoutMs'>, act: (node: string) => Promise<T>): Promise<T> {
    const deadline = performance.now() + defaultTimeoutMs;
    for (;;) {
      const node = await findElement(session, { ...query, timeoutMs: defaultTimeoutMs });
      try {
        return await act(node);
      } catch (error) {
        // The page navigated between the two commands, so nothing was done: the next document may have the element.
        if (!isNavigation(error) || performance.now() >= deadline) throw error;
      }
    }
  }

  async function activate(): Promise<void> {
    // Unlike Target.activateTarget it takes the focus from the address bar, where a browser's first tab has it.
    await session.send('Page.bringToFront');
  }

  async function click(selector: string): Promise<void> {
    // A tab behind another is not painted and gets no input.
    await activate();
    const point = await withElement({ selector, state: 'receives-input' }, (node) => centre(session, node));
    await clickAt(session, point);
  }

  return {
    async url() {
      const tab = (await targets.list()).find(({ id }) => id === targetId);
      if (tab === undefined) throw new TestingError('page-left', 'The tab is closed');
      return tab.url;
    },
    click,
    async type(selector, text) {
      await click(selector);
      await typeKeys(session, text);
    },
    async text(selector) {
      const declaration = '(element) => element.innerText ?? element.textContent';
      const text = await withElement({ selector, state: 'attached' }, (node) =>
        callForJson(session, { declaration, node }),
      );
      return typeof text === 'string' ? text : '';
    },
    async waitFor(selector, { text, timeoutMs = defaultTimeoutMs } = {}) {
      await findElement(session, { selector, text, timeoutMs, state: 'visible' });
    },
    evaluate: (declaration, ...args) => callForJson(session, { declaration, args }),
    async screenshot() {
      const answer = await session.send('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(stringField(answer, 'data'), 'base64');
    },
    activate,
    async close() {
      // A browser with a window ends with its last tab.
      if ((await targets.list()).length === 1) await targets.create({ background: true });
      await targets.close(targetId);
    },
  };
}

async function centre(session: CdpSession, node: string): Promise<Point> {
  const declaration = `(element) => {
    const box = element.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }`;
  const point = await callForJson(session, { declaration, node });
  if (isObject(point) && typeof point['x'] === 'number' && typeof point['y'] === 'number') {
    return { x: point['x'], y: point['y'] };
  }
  throw new TestingError('protocol-error', 'The browser did not say where an element is');
}
