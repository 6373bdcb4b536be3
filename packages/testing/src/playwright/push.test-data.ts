import { parseSubscription, sendWithWebPush } from '../push-page.test-data.ts';
import { expect, test } from './index.ts';

// Run by Playwright Test, in test.test.ts.

const [publicKey = '', privateKey = ''] = (process.env['TEST_VAPID_KEYS'] ?? '').split(' ');
const pageUrl = `/?key=${publicKey}`;

test('a push is shown and clicked', async ({ page, context, desktop, pushService }) => {
  await page.goto(pageUrl);
  await expect(page.getByText('ready')).toBeVisible();
  await page.getByRole('button', { name: 'Enable' }).click();
  await expect(page.getByText('granted granted granted')).toBeVisible({ timeout: 15_000 });

  const subscription = parseSubscription(await page.evaluate('globalThis.subscription'));
  await sendWithWebPush({ pushService, vapid: { publicKey, privateKey }, subscription, text: 'To Playwright Test' });
  const opened = context.waitForEvent('page');
  await (await desktop.waitForNotification({ title: 'To Playwright Test' })).click();
  await expect((await opened).getByRole('heading')).toHaveText('Opened');
});

test('the next test has a profile of its own, and the options of `use`', async ({ page, context, desktop }) => {
  expect(context.pages()).toEqual([page]);
  await page.goto(pageUrl);
  expect(
    await page.evaluate('navigator.serviceWorker.ready.then((one) => one.pushManager.getSubscription())'),
  ).toBeNull();
  expect(await desktop.notifications()).toEqual([]);
  expect(await page.evaluate('[navigator.language, innerWidth, localStorage.theme]')).toEqual(['de-DE', 640, 'dark']);
});

test('a notification that never comes fails its test', async ({ page, desktop }) => {
  await page.goto(pageUrl);
  await desktop.waitForNotification({ title: 'Never', timeoutMs: 100 });
});

test.describe('without the permission', () => {
  test.use({ permissions: [] });

  test('a page is asked', async ({ page }) => {
    await page.goto(pageUrl);
    expect(await page.evaluate('Notification.permission')).not.toBe('granted');
  });
});
