import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PushService, ScriptedSubscriptionJson } from '@belfry/push-service';
import { type Browser, httpsAgentFor, type Page, pushService as services, startScriptedAgent } from '@belfry/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import webpush, { type PushSubscription, WebPushError } from 'web-push';
import { BROWSERS } from './push-site/browsers.test-data.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const vapid = { subject: 'mailto:ops@example.com', ...webpush.generateVAPIDKeys() };
const order = { title: 'Your order is on its way', body: 'It arrives on Monday', url: '/orders/4821', tag: 'order' };

/** Pushes as a server would; answers the status. */
async function push(service: PushService, subscription: PushSubscription, message: string): Promise<number> {
  const agent = httpsAgentFor(service);
  try {
    const sent = await webpush.sendNotification(subscription, message, { vapidDetails: vapid, agent, TTL: 3600 });
    return sent.statusCode;
  } catch (error) {
    if (error instanceof WebPushError) return error.statusCode;
    throw error;
  } finally {
    agent.destroy();
  }
}

// Each test goes on where the one before it left the page.
describe.each(BROWSERS)('in $name', ({ name, launch }) => {
  let service: PushService;
  let browser: Browser;
  let page: Page;
  let subscription: ScriptedSubscriptionJson;
  beforeAll(async () => {
    service = await services.start();
    subscription = service.createSubscription({ applicationServerKey: vapid.publicKey });
    browser = await launch({ pushService: service });
    page = await browser.open(service.controlUrl);
    await page.waitFor('#live', { text: 'Live' });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  test('the page says how to send a first push, and shows it at once, with its title', async () => {
    await page.waitFor('#empty', { text: 'Nothing arrived yet' });
    expect(await push(service, subscription, JSON.stringify(order))).toBe(201);
    await page.waitFor('#push-1', { text: order.title });
    expect(await page.text('#push-1')).toContain('delivered');
  });

  test('a push is reached by keyboard, and opens with its message, claims and headers', async () => {
    // Past the last two controls of the form, and past "Clear". Keys that WebDriver types into Firefox press no button.
    await page.type('#fault-times', '\t\t\t\t');
    expect(await page.evaluate('() => document.activeElement.id')).toBe('push-1');
    await page.evaluate('() => document.activeElement.click()');
    await page.waitFor('#push-title', { text: order.title });
    expect(await page.text('#push-text')).toBe(JSON.stringify(order, null, 2));
    expect(await page.text('#push .facts')).toContain(`mailto:ops@example.com, for ${service.endpointOrigin}`);
    expect(await page.text('#push .headers')).toContain('aes128gcm');
  });

  test('a resent push is a row of its own', async () => {
    await page.click('#resend');
    await page.waitFor('#push-2', { text: '#1 again' });
    expect(await page.text('#push-2')).toContain(order.title);
  });

  test('markup in a push is shown as the text that it is', async () => {
    const title = '<img src="/x" onerror="document.title = 1"> <b>Bold</b>';
    await push(service, subscription, JSON.stringify({ title }));
    await page.waitFor('#push-3', { text: title });
    await page.click('#push-3');
    await page.waitFor('#push-title', { text: title });
    expect(await page.evaluate(`() => document.querySelectorAll('main img, main b').length`)).toBe(0);
  });

  test('of a message that only its browser can read, the page says that', async () => {
    // A service of the same process would be given its keys.
    const { autopushUrl } = service;
    const agent = await startScriptedAgent({ pushService: { autopushUrl }, applicationServerKey: vapid.publicKey });
    expect(await push(service, agent.subscription, 'Between the two of us')).toBe(201);
    await agent.close();
    await page.waitFor('#push-4', { text: 'Encrypted message' });
    // Until it is listed the form below will still move.
    await page.waitFor('#subscription-2');
    await page.click('#push-4');
    await page.waitFor('#push', { text: 'only the browser that subscribed has the keys' });
    expect(await page.text('#push-title')).toBe('Encrypted message');
  });

  test('a fault is planned on the page, happens, and is planned no more; another is removed', async () => {
    await page.click('#add-fault');
    await page.waitFor('#fault-1', { text: 'status 503' });
    expect(await push(service, subscription, 'Refused')).toBe(503);
    await page.waitFor('#push-5', { text: '503' });
    await page.waitFor('#no-faults');
    await page.click('#add-fault');
    await page.click('#remove-2');
    await page.waitFor('#no-faults');
    expect(service.faults()).toEqual([]);
  });

  test('every kind of fault that the form offers can be planned, also for good', async () => {
    const types = await page.evaluate(`() => {
      document.querySelector('#fault-times').value = '';
      const select = document.querySelector('#fault-type');
      return Array.from(select.options, ({ value }) => {
        select.value = value;
        select.dispatchEvent(new Event('change'));
        document.querySelector('#fault-form').requestSubmit();
        return value;
      });
    }`);
    await expect.poll(() => service.faults().length).toBe(10);
    const planned = service.faults();
    expect(new Set(planned.map(({ fault }) => fault.type)).size).toBe(10);
    expect(types).toEqual(expect.arrayContaining(planned.map(({ fault }) => fault.type)));
    expect(planned.every(({ times }) => times === Infinity)).toBe(true);
    for (const { id } of planned) service.removeFault(id);
  });

  test('a new test subscription is shown with its JSON, and takes what is sent to it', async () => {
    await page.click('#subscribe');
    await page.waitFor('#created-json', { text: '"p256dh"' });
    const created = JSON.parse(await page.text('#created-json'));
    expect(await page.text('#created-command')).toContain(created.endpoint);
    await page.click('#created-done');
    await page.waitFor('#subscription-3');
    expect(await push(service, created, 'A line of text')).toBe(201);
    await page.waitFor('#push-6', { text: 'A line of text' });
  });

  test('an expired subscription ends, and what is sent to it is seen to be refused', async () => {
    await page.click('#push-1');
    // `npm run screenshots` keeps it for the documentation.
    if (name === 'Firefox') await keepPicture(page);
    await page.click('#expire');
    await page.waitFor(`#subscription-${subscription.id}`, { text: 'ended' });
    expect(await push(service, subscription, 'Too late')).toBe(410);
    await page.waitFor('#push-7', { text: '410' });
  });

  test('the persona is switched for the service', async () => {
    const chosen = `() => {
      const select = document.querySelector('#persona');
      select.value = 'wns';
      select.dispatchEvent(new Event('change'));
    }`;
    await page.evaluate(chosen);
    const ofTheAgent = () => service.subscriptions().find(({ userAgent }) => userAgent === 'autopush');
    await expect.poll(() => ofTheAgent()?.persona).toBe('wns');
  });

  test('cleared, the page is as it was', async () => {
    await page.click('#clear');
    await page.waitFor('#empty');
    await page.waitFor('#nothing-selected');
    expect(service.pushes()).toEqual([]);
  });
});

async function keepPicture(page: Page): Promise<void> {
  const png = await page.screenshot();
  expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
  const folder = process.env['BELFRY_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'push-service-page.png'), png);
}
