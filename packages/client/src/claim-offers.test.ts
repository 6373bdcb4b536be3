import { afterEach, expect, test } from 'vitest';
import type { OfferEnvironment, OfferEvent } from './claim-offers.ts';
import { onMessage } from './on-message.ts';
import { onNavigate } from './on-navigate.ts';

interface OfferPage {
  readonly environment: OfferEnvironment;
  readonly listening: number;
  readonly isStarted: boolean;
  /** Offers to the page as the worker does; answers the worker's end. */
  offer(data: unknown): MessagePort;
  dispatch(event: OfferEvent): void;
}

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

function offerPage(): OfferPage {
  const listeners = new Set<(event: OfferEvent) => void>();
  let isStarted = false;
  const dispatch = (event: OfferEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return {
    environment: {
      navigator: {
        serviceWorker: {
          addEventListener: (_, listener) => void listeners.add(listener),
          removeEventListener: (_, listener) => void listeners.delete(listener),
          startMessages: () => {
            isStarted = true;
          },
        },
      },
    },
    get listening() {
      return listeners.size;
    },
    get isStarted() {
      return isStarted;
    },
    offer(data) {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1, port2);
      dispatch({ data, ports: [port2] });
      return port1;
    },
    dispatch,
  };
}

/** What comes next on the worker's end. */
function next(port: MessagePort): Promise<unknown> {
  return new Promise((resolve) => {
    port.addEventListener('message', ({ data }) => resolve(data), { once: true });
    port.start();
  });
}

function message(id: string, type: string | null = 'chat.message') {
  return { id, type, payload: { text: 'Hi' }, notification: null };
}

/** Takes the messages of a type in a page; answers what it took. */
function taking(
  page: OfferPage,
  type: string,
): {
  readonly taken: string[];
  /** The next one that it takes. */
  again(): Promise<string>;
} {
  const taken: string[] = [];
  let heard: ((id: string) => void) | undefined;
  onMessage(
    type,
    ({ id }) => {
      taken.push(id);
      heard?.(id);
    },
    page.environment,
  );
  return {
    taken,
    again: () =>
      new Promise((resolve) => {
        heard = resolve;
      }),
  };
}

const OFFER = { belfry: 'message', type: 'chat.message' };

test('what is offered to two pages is handled by the one that the worker gave it to', async () => {
  const [one, other] = [offerPage(), offerPage()];
  const [first, second] = [taking(one, 'chat.message'), taking(other, '*')];
  const [toOne, toOther] = [one.offer(OFFER), other.offer(OFFER)];
  expect(await Promise.all([next(toOne), next(toOther)])).toEqual(['claim', 'claim']);
  const heard = second.again();
  toOther.postMessage(message('m1'));
  expect(await heard).toBe('m1');
  toOne.close();
  expect(first.taken).toEqual([]);
  expect(second.taken).toEqual(['m1']);
});

test('a page that claims too late handles nothing', async () => {
  const page = offerPage();
  const { taken, again } = taking(page, '*');
  const late = page.offer(OFFER);
  // The worker did not wait: the notification is shown.
  late.close();
  const inTime = page.offer(OFFER);
  await next(inTime);
  const heard = again();
  inTime.postMessage(message('m2'));
  await heard;
  expect(taken).toEqual(['m2']);
});

test('a message that comes twice on a port is handled once', async () => {
  const page = offerPage();
  const { taken, again } = taking(page, '*');
  const port = page.offer(OFFER);
  await next(port);
  port.postMessage(message('m1'));
  port.postMessage(message('m1'));
  const following = page.offer(OFFER);
  await next(following);
  const heard = again();
  following.postMessage(message('m2'));
  await heard;
  expect(taken).toEqual(['m1', 'm2']);
});

test.each([
  ['chat.message', OFFER, true],
  ['chat.message', { belfry: 'message', type: 'expense.approved' }, false],
  ['chat.message', { belfry: 'message', type: null }, false],
  ['*', { belfry: 'message', type: 'expense.approved' }, true],
  ['*', { belfry: 'message', type: null }, true],
  ['*', { belfry: 'navigate' }, false],
  ['*', { type: 'chat.message' }, false],
  ['*', 'message', false],
  ['*', null, false],
])('a handler for %s, offered %j: claimed at once is %s', (type, data, isClaimed) => {
  const page = offerPage();
  onMessage(type, () => {}, page.environment);
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const posted: unknown[] = [];
  port2.postMessage = (answer: unknown) => void posted.push(answer);
  // Without it nothing arrives in a browser; Node does it by itself.
  port2.start = () => void posted.push('start');
  page.dispatch({ data, ports: [port2] });
  expect(posted).toEqual(isClaimed ? ['start', 'claim'] : []);
});

test('an offer without a port is left alone', () => {
  const page = offerPage();
  onMessage('*', () => expect.unreachable(), page.environment);
  page.dispatch({ data: OFFER, ports: [] });
});

test('a navigation is claimed, and its URL is handed over', async () => {
  const page = offerPage();
  const followed = new Promise<URL>((resolve) => onNavigate(resolve, page.environment));
  const port = page.offer({ belfry: 'navigate' });
  expect(await next(port)).toBe('claim');
  port.postMessage({ url: 'https://app.example/inbox?a=1#top' });
  const url = await followed;
  expect(url.pathname + url.search + url.hash).toBe('/inbox?a=1#top');
});

test('who ended it claims nothing more', () => {
  const page = offerPage();
  const ends = [onMessage('*', () => {}, page.environment), onNavigate(() => {}, page.environment)];
  expect(page.listening).toBe(2);
  for (const end of ends) end();
  expect(page.listening).toBe(0);
});

test('messages that came before the document was read are asked for', () => {
  const page = offerPage();
  onMessage('*', () => {}, page.environment);
  expect(page.isStarted).toBe(true);
});

test('a browser without service workers offers nothing, and that is no error', () => {
  const ends = [onMessage('*', () => {}, { navigator: {} }), onNavigate(() => {}, { navigator: {} })];
  for (const end of ends) expect(end).not.toThrow();
});
