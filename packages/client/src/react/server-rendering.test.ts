import { createElement, type ReactNode, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { PushClient } from '../push-client.ts';
import { PushProvider, useForegroundMessages, usePush, useServiceWorker } from './index.ts';

function Status({ client }: { readonly client?: PushClient }): ReactNode {
  const { state } = usePush(client);
  const { data: sw } = useServiceWorker();
  useForegroundMessages(() => {});
  useForegroundMessages('chat.message', () => {});
  return createElement('p', null, `${state.status}, ${sw === undefined ? 'no worker' : 'a worker'}`);
}

function never(): never {
  throw new Error('A server has no browser to touch');
}

/** As one that knows more than a server can, which the page would then hydrate otherwise. */
const client: PushClient = {
  state: { status: 'on' },
  onState: never,
  refresh: never,
  enable: never,
  disable: never,
  identify: never,
  logout: never,
};

test.each([
  ['a provider', createElement(PushProvider, { client, user: 'ada' }, createElement(Status))],
  ['its own client', createElement(Status, { client })],
  ['the default client', createElement(Status)],
  ['a provider of the default client', createElement(PushProvider, null, createElement(Status))],
])('a server renders the unknown state with %s, and touches nothing', (_what, element) => {
  expect('window' in globalThis).toBe(false);
  expect(renderToString(createElement(StrictMode, null, element))).toBe('<p>unknown, no worker</p>');
});

test('without a provider all components have one client, and under it the nearest', () => {
  const seen: unknown[] = [];
  const Look = (): null => {
    seen.push(usePush().client);
    return null;
  };
  const look = createElement(Look);
  renderToString(createElement('div', null, look, look, createElement(PushProvider, { client }, look)));
  expect(seen[0]).toBe(seen[1]);
  expect(seen[2]).toBe(client);
});
