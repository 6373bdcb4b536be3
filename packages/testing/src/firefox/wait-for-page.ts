import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { browsingContexts } from '../bidi/browsing-contexts.ts';
import { callForJson } from '../bidi/call-function.ts';
import { TestingError } from '../errors.ts';
import { isNavigation } from './find-element.ts';

/** The events after which a tab may have another URL; the session subscribes to them. */
export const pageEvents: readonly string[] = [
  'browsingContext.contextCreated',
  'browsingContext.navigationCommitted',
  'browsingContext.fragmentNavigated',
  'browsingContext.historyUpdated',
  'browsingContext.load',
];

export interface WaitForPageOptions {
  readonly matches: (url: string) => boolean;
  readonly timeoutMs: number;
}

/** The browsing context of the first tab whose URL fits, once it has loaded. */
export async function waitForPage(connection: BidiConnection, options: WaitForPageOptions): Promise<string> {
  const { matches, timeoutMs } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  for (;;) {
    // Listening starts before looking: a navigation in between is not missed.
    const change = nextChange(connection, timeout);
    try {
      const tabs = await browsingContexts(connection, 'content');
      const context = tabs.find(({ url }) => matches(url))?.id;
      if (context !== undefined && (await hasLoaded(connection, context))) return context;
      if (timeout.aborted) {
        const urls = tabs.map(({ url }) => url).join(', ');
        throw new TestingError('wait-timeout', `Waited ${timeoutMs} ms for a page; the tabs show ${urls}`);
      }
      await change.happened;
    } finally {
      change.stop();
    }
  }
}

async function hasLoaded(connection: BidiConnection, context: string): Promise<boolean> {
  try {
    return (await callForJson(connection, { context, declaration: `() => document.readyState` })) === 'complete';
  } catch (error) {
    if (isNavigation(error)) return false;
    throw error;
  }
}

/** The next event, or the timeout. */
function nextChange(connection: BidiConnection, timeout: AbortSignal): { happened: Promise<void>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ended = () => resolve();
  const stopEvents = connection.onEvent(ended);
  timeout.addEventListener('abort', ended);
  return {
    happened: promise,
    stop() {
      stopEvents();
      timeout.removeEventListener('abort', ended);
    },
  };
}
