import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Firefox } from '../firefox.ts';
import { launchFirefox } from '../launch-firefox.ts';
import { noPushService, pngSize, servePages } from '../serve-pages.test-data.ts';

// Longer than the waits' own time limits: their errors say what the page held.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const pages = {
  '/': `<!doctype html><title>Page</title>
    <button id=ask onclick="Notification.requestPermission().then((state) => { out.textContent = state; })">Ask</button>
    <p id=out></p>`,
};

let firefox: Firefox;
let site: Awaited<ReturnType<typeof servePages>>;

beforeAll(async () => {
  site = await servePages(pages);
  firefox = await launchFirefox({ pushService: noPushService });
});

afterAll(async () => {
  await firefox?.close();
  await site?.close();
});

test.each([
  ['allow', 'localhost', 'granted'],
  ['block', '127.0.0.1', 'denied'],
] as const)('pressing "%s" in the permission prompt for %s makes the permission %s', async (answer, host, state) => {
  const page = await firefox.open(`${site.origin.replace('localhost', host)}/`);
  await page.click('#ask');
  await firefox.answerPermissionPrompt(answer);
  await page.waitFor('#out', { text: state });
  expect(await page.evaluate('() => Notification.permission')).toBe(state);
  await page.close();
});

test('a screenshot is a PNG of the whole window', async () => {
  const page = await firefox.open(`${site.origin}/`);
  const [whole, content] = [pngSize(await firefox.screenshot()), pngSize(await page.screenshot())];
  expect(whole.width).toBe(content.width);
  expect(whole.height).toBeGreaterThan(content.height);
  await page.close();
});

test('a picture of a notification is a PNG of its window', async () => {
  const page = await firefox.open(`${site.origin}/`);
  await firefox.grantNotifications(site.origin);
  await page.evaluate(`() => { new Notification('Pictured', { body: '#4821' }); }`);
  const notification = await firefox.waitForNotification({ title: 'Pictured' });
  const { width, height } = pngSize(await notification.screenshot());
  expect(width).toBeGreaterThan(400);
  expect(height).toBeGreaterThan(80);
  await notification.close();
  await page.close();
});

test('waiting for a prompt that does not come says so', async () => {
  await expect(firefox.answerPermissionPrompt('allow', { timeoutMs: 0 })).rejects.toMatchObject({
    code: 'wait-timeout',
    message: 'Waited 0 ms for the browser to ask for the permission to show notifications',
  });
});
