import type { Page } from '@belfry/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PushSubscription } from 'web-push';
import { EXPIRING_BROWSERS, type ExpiringBrowser } from '../push-site/expiring-browsers.test-data.ts';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { readSubscription, subscribe, untilState } from '../push-site/site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describe.each(EXPIRING_BROWSERS)('a subscription in $name heals', ({ launch }) => {
  let site: PushSite;
  let running: ExpiringBrowser;
  let page: Page;
  let subscription: PushSubscription;
  let deviceId: string | undefined;
  beforeAll(async () => {
    site = await startPushSite({
      scripts: { '/deep/worker.js': new URL('../push-site/service-worker.browser.js', import.meta.url) },
    });
    running = await launch(site.pushService);
  });
  afterAll(async () => {
    await running?.browser.close();
    await site?.close();
  });
  beforeEach(async () => {
    page = await subscribe(running.browser, site);
    subscription = await theSubscription();
    deviceId = await liveDevice();
  });
  afterEach(async () => {
    site.cutNetwork(false);
    for (const each of await running.browser.pages()) await each.close();
    for (const each of await running.browser.notifications()) await each.close();
  });

  async function theSubscription(): Promise<PushSubscription> {
    const found = await readSubscription(page);
    if (found === undefined) throw new Error('The browser is subscribed');
    return found;
  }

  async function liveDevice(): Promise<string | undefined> {
    const live = (await site.app.belfry.devicesOf('ada')).filter(({ state }) => state === 'live');
    expect(live.length).toBeLessThanOrEqual(1);
    return live[0]?.deviceId;
  }

  async function outcomes(title: string): Promise<readonly string[]> {
    const notified = await site.app.notify('ada', { title });
    return (await notified.settled()).map(({ outcome }) => outcome);
  }

  async function expectDelivery(title: string): Promise<void> {
    expect(await outcomes(title)).toEqual(['accepted']);
    await (await running.browser.waitForNotification({ title })).close();
    expect(await liveDevice()).toBe(deviceId);
  }

  test('in the worker when it expired, with every page closed and no cookies', async () => {
    await page.close();
    await running.browser.clearCookies(site.origin);
    await running.expireSubscription(site, subscription);
    await running.browser.waitForNotification({ title: 'Subscription changed', timeoutMs: 30_000 });
    await expect.poll(() => outcomes('Back'), { timeout: 20_000 }).toEqual(['accepted']);
    await expectDelivery('Healed');
  });

  test('at the next page load when the push service has forgotten it', async () => {
    site.pushService.expireSubscription(subscription);
    expect(await outcomes('Forgotten')).toEqual(['gone']);
    await page.close();
    page = await running.browser.open(`${site.origin}/next`);
    await untilState(page, 'on');
    // `on` is what the browser knows; that the endpoint is dead it hears from the server.
    await expect
      .poll(async () => (await theSubscription()).endpoint, { timeout: 20_000 })
      .not.toBe(subscription.endpoint);
    await expect.poll(liveDevice).toBe(deviceId);
    await expectDelivery('Known again');
  });

  test('at the next page load when the VAPID key was rotated', async () => {
    await site.app.belfry.rotateVapidKeys();
    await expectDelivery('Under the old key');
    await page.close();
    page = await running.browser.open(`${site.origin}/next`);
    const { publicKey } = (await site.app.inject('/api/push/public-key')).json();
    const subscribedKey = `async () => {
      const { pushManager } = await navigator.serviceWorker.ready;
      const { applicationServerKey } = (await pushManager.getSubscription())?.options ?? {};
      return applicationServerKey && new Uint8Array(applicationServerKey).toBase64({ alphabet: 'base64url', omitPadding: true });
    }`;
    await expect.poll(() => page.evaluate(subscribedKey), { timeout: 20_000 }).toBe(publicKey);
    await untilState(page, 'on');
    await expectDelivery('Under the new key');
  });

  test('at the next page load when the server was down at enable', async () => {
    await page.evaluate('() => push.disable()');
    await untilState(page, 'off');
    site.cutNetwork(true);
    const result = await page.evaluate(`async () => {
      const { outcome, error } = await push.enable();
      return [outcome, error?.code];
    }`);
    // The worker's script is the first that cannot be had where nothing is kept of it.
    expect(result).toEqual(['failed', expect.stringMatching(/^(server-unreachable|worker-registration-failed)$/)]);
    await untilState(page, 'broken');
    expect(await page.evaluate('() => unhandled')).toEqual([]);
    site.cutNetwork(false);
    page = await running.browser.open(`${site.origin}/next`);
    await untilState(page, 'on');
    deviceId = await liveDevice();
    await expectDelivery('Up again');
  });

  test.each([
    ['is no script', { url: '/pages/one' }],
    ['is to serve another folder than its own', { url: '/deep/worker.js', scope: '/other/', type: 'module' }],
    ['is on another site', { url: 'https://elsewhere.example/worker.js' }],
  ])('never by a worker that %s: that is broken, and says so', async (_what, worker) => {
    const broken = await page.evaluate(
      `async (worker) => {
        const push = createPushClient({ worker });
        const { outcome, error } = await push.enable();
        return [outcome, error?.code, push.state, unhandled];
      }`,
      worker,
    );
    const reason = 'worker-registration-failed';
    expect(broken).toEqual(['failed', reason, { status: 'broken', reason }, []]);
  });
});
