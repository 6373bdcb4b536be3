import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from '@belfry/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { adjustableClock } from '../push-site/adjustable-clock.test-data.ts';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { subscribe } from '../push-site/site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/** A browser connects to the push service when it has nothing else to do at its start: 2 s, longer on a busy machine. */
const STARTED_MS = 30_000;

describe.each(BROWSERS)(
  '$name, closed when a message is sent and then started with the same profile,',
  ({ launch }) => {
    const clock = adjustableClock();
    let site: PushSite;
    let profileDir: string;
    beforeAll(async () => {
      site = await startPushSite({ clock });
      profileDir = await mkdtemp(join(tmpdir(), 'belfry-profile-'));
      const browser = await launch({ pushService: site.pushService, profileDir });
      await subscribe(browser, site);
      await browser.close();
    });
    afterAll(async () => {
      await site?.close();
      await rm(profileDir, { recursive: true });
    });

    async function send(body: string, options: { ttl?: number; collapseKey?: string } = {}): Promise<void> {
      const sent = await site.app.notify('ada', { title: 'News', body }, options);
      expect(await sent.settled()).toMatchObject([{ outcome: 'accepted' }]);
    }

    async function start(): Promise<Browser> {
      const browser = await launch({ pushService: site.pushService, profileDir });
      onTestFinished(() => browser.close());
      return browser;
    }

    async function shownBodies(browser: Browser): Promise<string[]> {
      return (await browser.notifications()).map(({ body }) => body);
    }

    test('shows what was sent meanwhile, in its order', async () => {
      await send('first');
      await send('second');
      const browser = await start();
      await browser.waitForNotification({ body: 'second', timeoutMs: STARTED_MS });
      expect(await shownBodies(browser)).toEqual(['first', 'second']);
    });

    test('shows only the last of the messages with one collapse key', async () => {
      await send('replaced', { collapseKey: 'score' });
      await send('of another key', { collapseKey: 'weather' });
      await send('the last', { collapseKey: 'score' });
      const browser = await start();
      await browser.waitForNotification({ body: 'the last', timeoutMs: STARTED_MS });
      expect(await shownBodies(browser)).toEqual(['of another key', 'the last']);
    });

    test('never shows a message whose TTL has ended', async () => {
      await send('too late', { ttl: 60 });
      await send('still in time', { ttl: 3600 });
      clock.advanceSeconds(61);
      const browser = await start();
      await browser.waitForNotification({ body: 'still in time', timeoutMs: STARTED_MS });
      // Messages are shown in the order they were sent, so this one is behind all that waited.
      await send('at once');
      await browser.waitForNotification({ body: 'at once' });
      expect(await shownBodies(browser)).toEqual(['still in time', 'at once']);
    });
  },
);
