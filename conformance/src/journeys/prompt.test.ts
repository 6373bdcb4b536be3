import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PushService } from '@belfry/push-service';
import { type Browser, launchChromium, launchFirefox, type Page } from '@belfry/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { signIn, untilState } from '../push-site/site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

interface RunningBrowser {
  readonly browser: Browser;
  /** The user says no to the browser itself. */
  deny(): Promise<void>;
  /** What the steps to allow notifications again speak of. */
  readonly steps: string;
}

const BROWSERS: readonly {
  readonly name: string;
  launch(options: { readonly pushService: PushService }): Promise<RunningBrowser>;
}[] = [
  {
    name: 'Firefox',
    async launch(options) {
      const browser = await launchFirefox(options);
      return { browser, deny: () => browser.answerPermissionPrompt('block'), steps: 'Remove the block' };
    },
  },
  {
    name: 'Chromium',
    async launch(options) {
      // Without a window it denies by itself.
      return { browser: await launchChromium(options), deny: async () => {}, steps: 'Switch on Notifications' };
    },
  },
];

// A `display` of the page's own, which would win over `hidden`.
const HTML = `<style>
    body { font: 16px/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 38rem; color: #1c2430; background: #f6f7f9 }
    belfry-prompt { display: block; padding: 1.5rem; border-radius: 12px; background: #fff; box-shadow: 0 2px 12px #1c243026 }
    belfry-prompt h2 { margin: 0; font-size: 1.15rem }
    belfry-prompt button { font: inherit; padding: .4rem 1rem; border: 1px solid #c6ccd4; border-radius: 8px; background: none }
    belfry-prompt [data-part=accept] { border-color: #2456c4; background: #2456c4; color: #fff; margin-right: .5rem }
  </style>
  <h1>Thank you for your order</h1>
  <p><label>A note for us <input id="before"></label></p>
  <belfry-prompt></belfry-prompt>
  <p id="state">Order 4821</p>`;

const UP_TO_30_S = { timeout: 30_000 };

const ACCEPT = 'belfry-prompt [data-part=accept]';
const DECLINE = 'belfry-prompt [data-part=decline]';

// Each test forgets the answers of those before it.
describe.each(BROWSERS)('<belfry-prompt> in $name', ({ name, launch }) => {
  let site: PushSite;
  let running: RunningBrowser;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    site = await startPushSite({ page: new URL('prompt.browser.js', import.meta.url), html: HTML });
    running = await launch({ pushService: site.pushService });
    browser = running.browser;
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  afterEach(async () => {
    await page.evaluate('() => softPrompt.reset()');
    await page.close();
  });

  async function visit(path: string, state: 'promptable' | 'off' | 'on' | 'blocked' | 'needs-install'): Promise<Page> {
    const opened = await browser.open(`${site.origin}${path}`);
    await untilState(opened, state);
    return opened;
  }

  /** The element's `data-status`, and whether the user sees it. */
  const shown = (of: Page) =>
    of.evaluate(`() => {
      const prompt = document.querySelector('belfry-prompt');
      return [prompt.dataset.status, prompt.checkVisibility() ? 'seen' : 'not seen'];
    }`);
  const QUESTION = ['question', 'seen'];
  const HIDDEN = ['hidden', 'not seen'];
  const focused = () => page.evaluate('() => document.activeElement.dataset.part ?? document.activeElement.localName');

  test('is a region named by its heading, with two buttons, and leaves the focus where it was', async () => {
    page = await visit('/order', 'promptable');
    expect(await shown(page)).toEqual(QUESTION);
    const drawn = await page.evaluate(`() => {
      const prompt = document.querySelector('belfry-prompt');
      const title = document.getElementById(prompt.getAttribute('aria-labelledby'));
      return {
        role: prompt.role,
        title: [title.localName, title.textContent],
        isReadOut: title.closest('[role=status]') !== null,
        buttons: Array.from(prompt.querySelectorAll('button'), ({ type, textContent }) => [type, textContent]),
      };
    }`);
    expect(drawn).toEqual({
      role: 'region',
      title: ['h2', 'Shall we tell you when it ships?'],
      isReadOut: true,
      buttons: [
        ['button', 'Turn on'],
        ['button', 'Not now'],
      ],
    });
    expect(await focused()).toBe('body');
    if (name === 'Firefox') await keepPicture(page);
  });

  test.each([
    ['Enter on "Not now"', '\t\t\n'],
    ['Escape', '\t\u001b'],
  ])('is declined by %s, and stays away for a week', async (_how, keys) => {
    page = await visit('/order', 'promptable');
    await page.type('#before', keys);
    expect(await shown(page)).toEqual(HIDDEN);

    for (const [path, expected] of [['/order', HIDDEN] as const, ['/order?days=8', QUESTION] as const]) {
      await page.close();
      page = await visit(path, 'promptable');
      expect(await shown(page)).toEqual(expected);
    }
  });

  test('an Escape elsewhere in the page is no answer', async () => {
    page = await visit('/order', 'promptable');
    await page.type('#before', '\u001b');
    expect(await shown(page)).toEqual(QUESTION);
  });

  test('a "no" in one tab is one in the others', async () => {
    const other = await visit('/order', 'promptable');
    page = await visit('/order', 'promptable');
    await page.click(DECLINE);
    await expect.poll(() => shown(other), UP_TO_30_S).toEqual(HIDDEN);
    await other.close();
  });

  test('listens to nothing any more once it is removed, and again once it is back', async () => {
    page = await visit('/order', 'promptable');
    const counted = await page.evaluate(`() => {
      const prompt = document.querySelector('belfry-prompt');
      const counted = [counts()];
      prompt.remove();
      counted.push(counts());
      document.getElementById('state').before(prompt);
      return [...counted, counts()];
    }`);
    expect(counted).toMatchObject([2, 0, 2].map((listeners) => ({ listeners })));
    await page.type('#before', '\t\u001b');
    expect(await page.evaluate('() => counts()')).toMatchObject({ listeners: 2, declined: 1 });
  });

  test('is closed by Escape also while the browser asks, which it does once', async () => {
    page = await visit('/order?pending', 'promptable');
    await page.click(ACCEPT);
    await page.click(ACCEPT);
    expect(await shown(page)).toEqual(['asking', 'seen']);
    await page.type(ACCEPT, '\u001b');
    expect(await shown(page)).toEqual(HIDDEN);
    expect(await page.evaluate('() => counts()')).toMatchObject({ accepted: 1, declined: 1 });
  });

  test('on an iPhone shows the way to the Home Screen, step by step', async () => {
    page = await visit('/order?phone', 'needs-install');
    expect(await shown(page)).toEqual(QUESTION);
    await page.click(ACCEPT);
    await expect.poll(() => shown(page), UP_TO_30_S).toEqual(['needs-install', 'seen']);
    await page.waitFor('belfry-prompt [role=status] ol li:nth-child(2)', { text: 'Add to Home Screen' });
    await page.click(DECLINE);
    expect(await shown(page)).toEqual(HIDDEN);
    await page.close();
    page = await visit('/order?phone', 'needs-install');
    expect(await shown(page)).toEqual(HIDDEN);
  });

  test('where the browser was told no, says how to undo that, and does not ask again', async () => {
    page = await visit('/order', 'promptable');
    await page.click(ACCEPT);
    await running.deny();
    await expect.poll(() => shown(page), UP_TO_30_S).toEqual(['blocked', 'seen']);
    await page.waitFor('belfry-prompt [role=status] h2', { text: 'Notifications are blocked' });
    await page.waitFor('belfry-prompt [role=status] ol', { text: running.steps });
    // The button that was clicked is gone: the focus goes on where it was, in the prompt.
    expect(await focused()).toBe('decline');
    await page.waitFor(DECLINE, { text: 'Close' });
    await page.type(DECLINE, '\u001b');
    expect(await shown(page)).toEqual(HIDDEN);
    await page.close();
    page = await visit('/order', 'blocked');
    expect(await shown(page)).toEqual(HIDDEN);
  });

  test('where something failed, offers to try again; accepted, it is gone for good', async () => {
    await browser.grantNotifications(site.origin);
    page = await visit('/order', 'off');
    await signIn(page, 'ada');
    site.cutNetwork(true);
    await page.click(ACCEPT);
    await expect.poll(() => shown(page), UP_TO_30_S).toEqual(['broken', 'seen']);
    await page.waitFor(ACCEPT, { text: 'Try again' });
    expect(await focused()).toBe('accept');

    site.cutNetwork(false);
    await page.click(ACCEPT);
    await expect.poll(() => page.evaluate('() => push.state'), UP_TO_30_S).toEqual({ status: 'on' });
    await expect.poll(() => shown(page), UP_TO_30_S).toEqual(HIDDEN);
    expect(await site.app.notify('ada', { title: 'It ships' })).toMatchObject({ devices: 1 });

    expect(await page.evaluate('() => push.disable()')).toEqual({ outcome: 'off' });
    expect(await shown(page)).toEqual(HIDDEN);
    await page.close();
    page = await visit('/order?days=1000', 'off');
    expect(await shown(page)).toEqual(HIDDEN);
  });
});

/** `npm run screenshots` keeps it for the documentation. */
async function keepPicture(page: Page): Promise<void> {
  const folder = process.env['BELFRY_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'prompt.png'), await page.screenshot());
}
