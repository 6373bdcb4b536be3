import { generateVapidKeys } from '@belfry/protocol';
import { getMessaging, type Message, type Messaging } from '@belfry/server/firebase';
import type { Page } from '@belfry/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { signIn, signOut } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';

// An app that comes from Firebase, with its three imports changed. Each test goes on where the one before it ended.

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const HTML = `<button id="enable">Enable</button> <button id="disable">Disable</button>
  <p id="token">no token</p> <p id="message">no message</p>`;

/** As Firebase's SDK leaves a browser: the app's worker under a scope of its own, and a subscription for Firebase's key. */
const SUBSCRIBE_AS_FIREBASE = `async (key) => {
  const registration = await navigator.serviceWorker.register('/firebase-messaging-sw.js', {
    scope: '/firebase-cloud-messaging-push-scope',
  });
  const worker = registration.installing;
  await new Promise((resolve) => {
    if (registration.active) resolve();
    else worker.addEventListener('statechange', () => worker.state === 'activated' && resolve());
  });
  await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}`;

describe.each(BROWSERS)('from Firebase, in $name', ({ launch }) => {
  const used = useSite(launch, {
    page: new URL('firebase-page.browser.js', import.meta.url),
    html: HTML,
    scripts: { '/firebase-messaging-sw.js': new URL('firebase-worker.browser.js', import.meta.url) },
  });
  let page: Page;
  let messaging: Messaging;
  let token: string;

  beforeAll(async () => {
    messaging = getMessaging(used.site.app.belfry);
    await used.browser.grantNotifications(used.site.origin);
    page = await used.browser.open(`${used.site.origin}/start`);
  });

  /** Sends a message; answers all that is on the screen once this is, and the worker has reported that it is done. */
  async function shownAfter(message: Message, notification: { title: string; body: string }): Promise<object[]> {
    const id = await messaging.send(message);
    await used.browser.waitForNotification(notification);
    await expect
      .poll(() => used.site.app.belfry.messageStatus(id), { timeout: 30_000 })
      .toMatchObject({ receipts: { shown: 1 } });
    const shown = await used.browser.notifications();
    for (const each of shown) await each.close();
    return shown.map(({ title, body }) => ({ title, body }));
  }

  test('a browser that Firebase had subscribed has a token at its next visit, without a prompt', async () => {
    await page.evaluate(SUBSCRIBE_AS_FIREBASE, generateVapidKeys().publicKey);
    await signIn(page, 'ada');
    await page.click('#enable');
    await expect.poll(() => page.text('#token'), { timeout: 30_000 }).toMatch(/^[\w-]{22}$/);
    token = await page.text('#token');
    expect(await used.site.app.belfry.devicesOf('ada')).toMatchObject([{ state: 'live' }]);
    await page.close();
  });

  const NEWS = { title: 'News', body: 'of today' };

  test.each<[what: string, message: Omit<Message, 'token'>, shown: typeof NEWS]>([
    ['notification', { notification: NEWS }, NEWS],
    ['message of data alone', { data: { room: '7', text: 'Hi' } }, { title: 'Room 7', body: 'Hi' }],
    [
      'notification that the app shows in its own way',
      { notification: NEWS, data: { style: 'own', room: '8', text: 'Ho' } },
      { title: 'Room 8', body: 'Ho' },
    ],
  ])('in the background a %s is shown once', async (_what, message, shown) => {
    expect(await shownAfter({ ...message, token }, shown)).toEqual([shown]);
  });

  test('a click leads to the link of the message', async () => {
    const webpush = { fcmOptions: { link: '/rooms/7' } };
    await messaging.send({ token, notification: { title: 'Room 7' }, webpush });
    await (await used.browser.waitForNotification({ title: 'Room 7' })).click();
    page = await used.browser.waitForPage((url) => url === `${used.site.origin}/rooms/7`);
    expect(await page.text('#message')).toBe('no message');
  });

  test('in the foreground the page gets the message, and nothing is shown', async () => {
    const notification = { ...NEWS, imageUrl: '/news.png' };
    const webpush = { notification: { icon: '/icon.png' }, fcmOptions: { link: '/rooms/7' } };
    const messageId = await messaging.send({ token, notification, data: { room: '7' }, webpush });
    await page.waitFor('#message', { text: messageId });
    expect(JSON.parse(await page.text('#message'))).toEqual({
      messageId,
      from: 'belfry',
      data: { room: '7' },
      notification: {
        ...NEWS,
        image: `${used.site.origin}/news.png`,
        icon: `${used.site.origin}/icon.png`,
      },
      fcmOptions: { link: `${used.site.origin}/rooms/7` },
    });
    await expect
      .poll(() => used.site.app.belfry.messageStatus(messageId), { timeout: 30_000 })
      .toMatchObject({ receipts: { received: 1 } });
    expect(await used.browser.notifications()).toEqual([]);
  });

  test('a device that joined a topic gets its messages', async () => {
    expect(await messaging.subscribeToTopic([token], 'news')).toMatchObject({ successCount: 1, failureCount: 0 });
    const messageId = await messaging.send({ topic: 'news', data: { room: '9' } });
    await page.waitFor('#message', { text: messageId });
    expect(JSON.parse(await page.text('#message'))).toEqual({ messageId, from: '/topics/news', data: { room: '9' } });
  });

  test('a token that was deleted is not registered any more', async () => {
    await page.click('#disable');
    await page.waitFor('#token', { text: 'deleted: true' });
    await expect(messaging.send({ token, notification: { title: 'Gone' } })).rejects.toMatchObject({
      code: 'messaging/registration-token-not-registered',
    });
  });

  test('who is not signed in gets no token, and is told why', async () => {
    await signOut(page);
    await page.click('#enable');
    await expect
      .poll(() => page.text('#token'), { timeout: 30_000 })
      .toContain('not-signed-in (messaging/token-subscribe-failed)');
  });
});
