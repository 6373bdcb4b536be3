import type { Browser, Page } from '@belfry/testing';
import type { PushSubscription } from 'web-push';
import type { PushSite } from './push-site.test-data.ts';

/** Subscribes a browser, as its user ada does; the page stays open. */
export async function subscribe(browser: Browser, { origin }: PushSite): Promise<Page> {
  await browser.grantNotifications(origin);
  const page = await browser.open(`${origin}/start`);
  await page.click('#enable');
  await page.waitFor('#state', { text: 'on' });
  return page;
}

/** The browser's own subscription; undefined where it has none. */
export async function readSubscription(page: Page): Promise<PushSubscription | undefined> {
  const found: unknown = await page.evaluate(`async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration.pushManager.getSubscription())?.toJSON() ?? null;
  }`);
  const { endpoint, keys }: Partial<PushSubscription> = Object(found);
  return endpoint === undefined || keys === undefined ? undefined : { endpoint, keys };
}

/** Ends the browser's subscription without telling the site's server. */
export async function unsubscribeQuietly(page: Page): Promise<void> {
  const unsubscribed = await page.evaluate(`async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration.pushManager.getSubscription()).unsubscribe();
  }`);
  if (unsubscribed !== true) throw new Error('The browser did not unsubscribe');
}
