import { Agent } from 'node:https';
import { type Firefox, launchFirefox, type Page } from '@belfry/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import webpush, { type PushSubscription } from 'web-push';
import { type PushSite, startPushSite } from './push-site.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let site: PushSite;
let firefox: Firefox;
let page: Page;
let subscription: PushSubscription;
beforeAll(async () => {
  site = await startPushSite();
  firefox = await launchFirefox({ pushService: site.pushService });
  await firefox.grantNotifications(site.origin);
  page = await firefox.open(`${site.origin}/start`);
  await page.click('#enable');
  await page.waitFor('#state', { text: 'on' });
  subscription = await readSubscription();
});
afterAll(async () => {
  await firefox?.close();
  await site?.close();
});

async function readSubscription(): Promise<PushSubscription> {
  const found: unknown = await page.evaluate(`async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration.pushManager.getSubscription()).toJSON();
  }`);
  const { endpoint, keys }: Partial<PushSubscription> = Object(found);
  if (endpoint === undefined || keys === undefined) throw new Error('Firefox is subscribed');
  return { endpoint, keys };
}

/** A sender that knows nothing of Belfry. */
async function pushFromElsewhere(text?: string): Promise<void> {
  await webpush.sendNotification(subscription, text, {
    vapidDetails: { subject: 'mailto:ops@example.com', ...site.vapid },
    agent: new Agent({ ca: site.pushService.certificateAuthority }),
  });
}

const NOTHING_TO_SHOW = { title: 'Site', body: 'There is news.' };

describe('a push from elsewhere is shown', () => {
  test.each<[string, string | undefined, { title: string; body: string }]>([
    ['that is empty', undefined, NOTHING_TO_SHOW],
    ['that is text', 'Plain words', { title: 'Site', body: 'Plain words' }],
    ['that is broken JSON', '{"title":', { title: 'Site', body: '{"title":' }],
    ['that is flat', '{"title":"Flat","body":"b","url":"/x","tag":"t"}', { title: 'Flat', body: 'b' }],
    ['that has only data', '{"type":"x","payload":1}', NOTHING_TO_SHOW],
    [
      'of a version to come',
      '{"notification":{"title":"Later","body":"b","navigate":"/","data":{"belfry":{"v":99}}}}',
      { title: 'Later', body: 'b' },
    ],
  ])('%s', async (_what, text, expected) => {
    await pushFromElsewhere(text);
    const notification = await firefox.waitForNotification(expected);
    await notification.close();
    expect(await firefox.notifications()).toEqual([]);
  });
});

describe('a click', () => {
  async function notifyAndClick(url: string): Promise<void> {
    await site.app.notify('ada', { title: 'Click me', body: url, url });
    await (await firefox.waitForNotification({ title: 'Click me', body: url })).click();
  }

  test('brings the page to the front that is already at that url', async () => {
    const there = await firefox.open(`${site.origin}/orders/17?tab=2`);
    await page.activate();
    const before = (await firefox.pages()).length;
    await notifyAndClick('/orders/17?tab=2');
    await there.evaluate(`() => new Promise((resolve) => {
      const look = () => document.visibilityState === 'visible' && resolve();
      document.addEventListener('visibilitychange', look);
      look();
    })`);
    expect(await firefox.pages()).toHaveLength(before);
    await there.close();
  });

  test('opens a page where none is at that url', async () => {
    await notifyAndClick('/orders/18');
    const opened = await firefox.waitForPage((url) => url === `${site.origin}/orders/18`);
    expect(await opened.evaluate('() => document.visibilityState')).toBe('visible');
    await opened.close();
  });
});

test('messages with one tag replace each other, in the order they were sent', async () => {
  for (const body of ['first', 'second']) {
    await (await site.app.notify('ada', { title: 'Tagged', body, tag: 'one' })).settled();
    await firefox.waitForNotification({ title: 'Tagged', body });
  }
  const shown = (await firefox.notifications()).filter(({ title }) => title === 'Tagged');
  expect(shown.map(({ body }) => body)).toEqual(['second']);
  await shown[0]?.close();
});

test('disabling unsubscribes the browser and tells the server', async () => {
  expect(await page.evaluate('() => disablePush()')).toEqual({ outcome: 'off' });
  await page.waitFor('#state', { text: 'off' });
  expect(await site.app.notify('ada', { title: 'x' })).toMatchObject({ devices: 0 });
  await expect(pushFromElsewhere('x')).rejects.toMatchObject({ statusCode: 410 });
});
