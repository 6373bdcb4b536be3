import { appendFile } from 'node:fs/promises';
import type { PushService } from '@belfry/push-service';
import webpush from 'web-push';
import type { Browser } from '../browser.ts';
import { parseSubscription, pushPages, sendWithWebPush } from '../push-page.test-data.ts';
import { servePages } from '../serve-pages.test-data.ts';
import { test } from './index.ts';

// Run by vitest itself, in test.test.ts.

/** A line for each use: which push service, which browser. */
const log = process.env['TEST_LOG'] ?? '';
const vapid = webpush.generateVAPIDKeys();

/** What the page shows that a click on the push's notification opened. */
async function subscribeAndClick(browser: Browser, pushService: PushService): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const site = stack.adopt(await servePages(pushPages), (one) => one.close());
  await browser.grantNotifications(site.origin);
  const page = await browser.open(`${site.origin}/?key=${vapid.publicKey}`);
  await page.waitFor('#state', { text: 'ready' });
  await page.click('#enable');
  await page.waitFor('#state', { text: 'granted granted granted' });
  const subscription = parseSubscription(await page.evaluate('() => globalThis.subscription'));
  await sendWithWebPush({ pushService, vapid, subscription, text: 'From the server' });
  await (await browser.waitForNotification({ title: 'From the server' })).click();
  return (await browser.waitForPage((url) => url === `${site.origin}/opened`)).text('h1');
}

test('Chromium shows a push', async ({ chromium, pushService, expect }) => {
  await appendFile(log, `${pushService.autopushUrl} ${chromium.profileDir}\n`);
  expect(await subscribeAndClick(chromium, pushService)).toBe('Opened');
});

test('Firefox shows a push', async ({ firefox, pushService, expect }) => {
  await appendFile(log, `${pushService.autopushUrl} ${firefox.profileDir}\n`);
  expect(await subscribeAndClick(firefox, pushService)).toBe('Opened');
});

test('browsers and push service are those of the tests before', async ({ chromium, firefox, pushService }) => {
  await appendFile(log, `${pushService.autopushUrl} ${chromium.profileDir}\n`);
  await appendFile(log, `${pushService.autopushUrl} ${firefox.profileDir}\n`);
});

test('a user agent without a browser gets a push', async ({ startAgent, pushService, expect }) => {
  const agent = await startAgent({ applicationServerKey: vapid.publicKey });
  await sendWithWebPush({ pushService, vapid, subscription: agent.subscription, text: 'To an agent' });
  expect((await agent.nextPush()).text()).toBe('To an agent');
});

test('a notification that never comes fails its test', async ({ chromium }) => {
  await chromium.waitForNotification({ title: 'Never', timeoutMs: 100 });
});
