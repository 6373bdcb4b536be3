import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { browsingContexts } from '../bidi/browsing-contexts.ts';
import { callForJson } from '../bidi/call-function.ts';
import { TestingError } from '../errors.ts';
import { waitUntil } from '../wait-until.ts';

/** Brings a tab to the front of its window, and gives its page the focus. */
export async function activateTab(connection: BidiConnection, context: string): Promise<void> {
  await connection.send('browsingContext.activate', { context });
  // A browser's first tab has the focus in its address bar, from where no click of BiDi's takes it (measured, 153.7).
  await callForJson(connection, {
    context: (await windowOfTab(connection, context)).id,
    declaration: '() => { gBrowser.selectedBrowser.focus(); }',
  });
}

/** Closes a tab, and its window where it is the only one there; the browser goes on with an empty tab after the last. */
export async function closeTab(connection: BidiConnection, context: string): Promise<void> {
  const { id, isShared, isLast } = await windowOfTab(connection, context);
  // Firefox answers success to closing its last tab and leaves it open (measured, 153.7).
  if (isLast) await connection.send('browsingContext.create', { type: 'tab', background: true });
  if (isShared || isLast) {
    await connection.send('browsingContext.close', { context });
    return;
  }
  // Without its only tab, a window would go on with an empty one (`browser.tabs.closeWindowWithLastTab`).
  await callForJson(connection, { context: id, declaration: '() => window.close()' });
  const isGone = async (): Promise<true | undefined> =>
    (await browsingContexts(connection, 'content')).some((tab) => tab.id === context) ? undefined : true;
  await waitUntil(isGone, { timeoutMs: 5_000, describe: () => 'a window to close' });
}

interface TabWindow {
  /** Its own browsing context, in the scope `chrome`. */
  readonly id: string;
  /** There are other tabs in it. */
  readonly isShared: boolean;
  /** The browser has no other tab. */
  readonly isLast: boolean;
}

async function windowOfTab(connection: BidiConnection, context: string): Promise<TabWindow> {
  const tabs = await browsingContexts(connection, 'content');
  const windows = await browsingContexts(connection, 'chrome');
  const own = tabs.find(({ id }) => id === context)?.clientWindow;
  const id = windows.find(({ clientWindow }) => clientWindow === own)?.id;
  if (id === undefined) throw new TestingError('page-left', 'The tab is closed');
  return {
    id,
    isShared: tabs.filter(({ clientWindow }) => clientWindow === own).length > 1,
    isLast: tabs.length === 1,
  };
}
