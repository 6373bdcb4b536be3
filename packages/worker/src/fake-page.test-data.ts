import type { FakeClock } from './fake-clock.test-data.ts';
import type { PagePort } from './push-worker-deps.ts';
import type { PageLike } from './push-worker-scope.ts';

export interface FakePageOptions {
  readonly url?: string;
  readonly focused?: boolean;
  readonly visible?: boolean;
  /** How long it takes to claim what it is offered; it does not where there is none. */
  readonly claimsAfterMs?: number;
  /** What its `focus()` and `navigate()` reject with. */
  readonly focusError?: Error;
  readonly navigateError?: Error;
}

/** An open page; what it is asked, and what it is given, is noted. */
export interface FakePage extends PageLike {
  readonly questions: object[];
  readonly given: unknown[];
  /** The worker's end of a channel to it. */
  ask(question: object): PagePort;
}

export function fakePage(
  options: FakePageOptions,
  { clock, calls }: { clock: FakeClock; calls: [string, ...unknown[]][] },
): FakePage {
  const { url = 'https://app.example/app/inbox', focused = false, visible = true } = options;
  const page: FakePage = {
    url,
    focused,
    visibilityState: visible ? 'visible' : 'hidden',
    questions: [],
    given: [],
    async focus() {
      if (options.focusError) throw options.focusError;
      calls.push(['focus', url]);
    },
    async navigate(to) {
      if (options.navigateError) throw options.navigateError;
      calls.push(['navigate', url, to]);
    },
    postMessage() {
      throw new Error('It is asked on a channel');
    },
    ask(question) {
      page.questions.push(question);
      const port: PagePort = {
        onmessage: null,
        postMessage: (message) => void page.given.push(structuredClone(message)),
      };
      const answer = (data: unknown): void => void port.onmessage?.(new MessageEvent('message', { data }));
      if (options.claimsAfterMs !== undefined) clock.setTimeout(() => answer('claim'), options.claimsAfterMs);
      return port;
    },
  };
  return page;
}
