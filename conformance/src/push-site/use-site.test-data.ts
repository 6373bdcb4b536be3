import type { PushService } from '@belfry/push-service';
import type { Browser } from '@belfry/testing';
import { afterAll, beforeAll } from 'vitest';
import { type PushSite, type PushSiteOptions, startPushSite } from './push-site.test-data.ts';

/** A site, and a browser that is wired to its push service; both are there while the tests of a suite run. */
export interface UsedSite {
  readonly site: PushSite;
  readonly browser: Browser;
}

/** Starts both before the suite's tests, and ends them after. */
export function useSite(
  launch: (options: { readonly pushService: PushService }) => Promise<Browser>,
  options: PushSiteOptions = {},
): UsedSite {
  let site: PushSite | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    site = await startPushSite(options);
    browser = await launch({ pushService: site.pushService });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  return {
    get site() {
      return started(site);
    },
    get browser() {
      return started(browser);
    },
  };
}

function started<T>(what: T | undefined): T {
  if (what === undefined) throw new Error('It is there while tests run');
  return what;
}
