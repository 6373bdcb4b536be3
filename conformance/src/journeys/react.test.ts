import type { Page } from '@belfry/testing';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { signIn, untilState } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';
import { App } from './react-app.js';

// `@belfry/client/react` in StrictMode, hydrated from what a server rendered. Each test goes on where the one before it ended.

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const NEXT_WORKER = '/next-worker.js';
const TAKING_OVER = '/taking-over.js';

describe.each(BROWSERS)('React in $name', ({ launch }) => {
  let page: Page;
  const html = renderToString(createElement(App, { user: null }));

  const used = useSite(launch, {
    page: new URL('react.browser.js', import.meta.url),
    html: `<div id="root">${html}</div>`,
    scripts: {
      [NEXT_WORKER]: new URL('../push-site/service-worker.browser.js', import.meta.url),
      [TAKING_OVER]: new URL('taking-over.browser.js', import.meta.url),
    },
  });
  beforeAll(async () => {
    await used.browser.grantNotifications(used.site.origin);
    page = await used.browser.open(`${used.site.origin}/start`);
  });
  afterEach(async () => void (await seen(page)));

  const notify = (text: string) => used.site.app.notify('ada', message(text));

  test('the server renders what nobody knows yet, and the page looks once', async () => {
    expect(html).toContain('data-status="unknown"');
    await untilState(page, 'off');
    expect(await seen(page)).toMatchObject({ told: ['refresh'] });
    await page.waitFor('#worker', { text: 'no worker' });
  });

  test('a click on the button enables push for who is signed in', async () => {
    await signIn(page, 'ada');
    await page.click('#sign-in');
    await page.click('#enable');
    await untilState(page, 'on');
    expect(await seen(page)).toMatchObject({ told: ['refresh', 'identify ada', 'identified ada'] });
    await page.waitFor('#worker', { text: '/service-worker.js' });
    expect(await used.site.app.notify('ada', { title: 'To ada' })).toMatchObject({ devices: 1 });
    await (await used.browser.waitForNotification({ title: 'To ada' })).close();
  });

  test('what a component posts to the worker reaches it', async () => {
    await page.click('#subscribe');
    await page.waitFor('#answer');
    expect(await page.text('#answer')).toBe('SUBSCRIBED');
  });

  test('a foreground message is rendered once, by the handler of the last render', async () => {
    const { added } = await seen(page);
    for (const text of ['Hello', 'again', 'and again']) {
      await notify(text);
      await page.waitFor('#chat', { text });
    }
    expect(await page.text('#chat')).toBe('1. Hello 2. again 3. and again');
    expect(await used.browser.notifications()).toEqual([]);
    expect(await seen(page)).toMatchObject({ added, listening: 1 });
  });

  test('a component takes messages while it is mounted', async () => {
    await page.click('#chat-toggle');
    expect(await seen(page)).toMatchObject({ listening: 0 });
    await notify('Anybody here?');
    await (await used.browser.waitForNotification({ title: 'Anybody here?' })).close();

    // Unlike what was hydrated, StrictMode mounts this twice.
    const { added } = await seen(page);
    await page.click('#chat-toggle');
    expect(await seen(page)).toMatchObject({ added: added + 2, listening: 1 });
    await notify('Back');
    await page.waitFor('#chat', { text: 'Back' });
    expect(await page.text('#chat')).toBe('1. Back');
  });

  test('in a page that nothing was rendered for, whose user is known, all is mounted twice and the user identified once', async () => {
    const other = await used.browser.open(`${used.site.origin}/rendered-here?user=ada`);
    // Closed before its server has answered, it would leave the next test's server in doubt.
    await expect
      .poll(() => seen(other), { timeout: 10_000 })
      .toEqual({ told: ['identify ada', 'identified ada'], added: 2, listening: 1 });
    await untilState(other, 'on');
    await other.close();
  });

  test('who signs out gets no more messages', async () => {
    await page.click('#sign-out');
    await untilState(page, 'off');
    expect(await seen(page)).toMatchObject({ told: ['refresh', 'identify ada', 'identified ada', 'logout'] });
    await expect.poll(() => notify('For nobody')).toMatchObject({ devices: 0 });
  });

  test('the worker is the one that took over, in a page without and with a controller', async () => {
    const register = `async (path) => void (await navigator.serviceWorker.register(path, { type: 'module' }))`;
    await page.evaluate(register, NEXT_WORKER);
    await page.waitFor('#worker', { text: NEXT_WORKER });
    await page.close();
    page = await used.browser.open(`${used.site.origin}/again`);
    await page.waitFor('#worker', { text: NEXT_WORKER });
    expect(await page.evaluate('() => navigator.serviceWorker.controller !== null')).toBe(true);
    await page.evaluate(register, TAKING_OVER);
    await page.waitFor('#worker', { text: TAKING_OVER });
  });
});

/** What the page told its client, how often it listened to the worker and does now. What it complained of fails the test. */
async function seen(page: Page): Promise<{ told: string[]; added: number; listening: number }> {
  const { complaints, told, added, listening } = Object(await page.evaluate('() => seen()'));
  if (String(complaints) !== '') throw new Error(`The page complained: ${complaints}`);
  return { told: Array.from(told, String), added: Number(added), listening: Number(listening) };
}

function message(text: string) {
  return { type: 'chat.message', payload: { text }, notification: { title: text } };
}
