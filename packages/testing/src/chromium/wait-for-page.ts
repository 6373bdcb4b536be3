import type { CdpConnection } from '../cdp/cdp-connection.ts';
import { callForJson } from '../cdp/evaluate.ts';
import { TestingError } from '../errors.ts';
import { waitUntil } from '../wait-until.ts';
import type { PageTarget, PageTargets } from './page-targets.ts';

export interface WaitForPageOptions {
  readonly connection: CdpConnection;
  readonly targets: PageTargets;
  readonly matches: (url: string) => boolean;
  readonly timeoutMs: number;
}

/** The target of the first tab whose URL fits, once it has loaded. */
export function waitForPage({ connection, targets, matches, timeoutMs }: WaitForPageOptions): Promise<string> {
  let tabs: readonly PageTarget[] = [];
  const check = async (): Promise<string | undefined> => {
    tabs = await targets.list();
    const id = tabs.find(({ url }) => matches(url))?.id;
    return id !== undefined && (await hasLoaded(connection, id)) ? id : undefined;
  };
  return waitUntil(check, {
    timeoutMs,
    describe: () => `a page; the tabs show ${tabs.map(({ url }) => url).join(', ')}`,
  });
}

async function hasLoaded(connection: CdpConnection, id: string): Promise<boolean> {
  try {
    const session = await connection.session(id);
    return (await callForJson(session, { declaration: '() => document.readyState' })) === 'complete';
  } catch (error) {
    if (error instanceof TestingError && error.code === 'page-left') return false;
    throw error;
  }
}
