import type { Browser, Page } from '@belfry/testing';
import type { PushSubscription } from 'web-push';
import type { PushSite } from './push-site.test-data.ts';

/**
 * Signs a user in and subscribes a browser, as its user does. The page stays open and has finished what it does at its
 * load: a page that still compares the VAPID key would subscribe anew where the test rotates it.
 */
export async function subscribe(
  browser: Browser,
  { origin }: PushSite,
  { user = 'ada' }: { readonly user?: string } = {},
): Promise<Page> {
  await browser.grantNotifications(origin);
  const page = await browser.open(`${origin}/start`);
  await signIn(page, user);
  await page.click('#enable');
  await untilState(page, 'on');
  await page.evaluate('() => push.refresh()');
  return page;
}

/** Of the site alone: `push.identify()` is for the test to call, where it tells of that. */
export async function signIn(page: Page, user: string): Promise<void> {
  await page.evaluate(
    `async (user) => {
      const headers = { 'content-type': 'application/json' };
      const { ok } = await fetch('/session', { method: 'POST', headers, body: JSON.stringify({ user }) });
      if (!ok) throw new Error('The site did not sign in ' + user);
    }`,
    user,
  );
}

/** Of the site alone, without `push.logout()`. */
export async function signOut(page: Page): Promise<void> {
  await page.evaluate(`async () => {
    const { ok } = await fetch('/session', { method: 'DELETE' });
    if (!ok) throw new Error('The site did not sign out');
  }`);
}

/** Waits until the push client of the page has this state: the name alone, not a reason that contains it. */
export async function untilState(page: Page, status: string): Promise<void> {
  await page.waitFor(`#state[data-status="${status}"]`);
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

/** Ends the browser's subscription without telling the site's server, once the page has looked: it would heal what it missed. */
export async function unsubscribeQuietly(page: Page): Promise<void> {
  await page.evaluate('() => push.refresh()');
  const unsubscribed = await page.evaluate(`async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration.pushManager.getSubscription()).unsubscribe();
  }`);
  if (unsubscribed !== true) throw new Error('The browser did not unsubscribe');
}
