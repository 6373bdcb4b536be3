import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Browser } from './browser.ts';
import { pngSize, servePages } from './serve-pages.test-data.ts';

// Longer than the waits' own time limits: their errors say what the page held.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const pages = {
  '/form': `<!doctype html><title>Form</title>
    <div id=space style="height: 3000px">above</div>
    <button id=far onclick="out.textContent = 'active ' + navigator.userActivation.isActive">Press</button>
    <form action=/next><input id=name name=name autofocus></form>
    <p id=out></p>
    <a id=popup href=/next target=_blank>new tab</a>`,
  '/late': `<!doctype html><p id=hidden style="display: none">ready</p>
    <button id=late disabled onclick="this.textContent = 'pressed'">wait</button>
    <div id=cover style="position: fixed; inset: 0"></div>
    <script>
      function begin() {
        requestAnimationFrame(() => { hidden.style.display = 'block'; late.disabled = false; cover.remove(); });
      }
    </script>`,
  '/next': '<!doctype html><title>Next</title><h1>Arrived</h1>',
  '/questions': `<!doctype html><button id=ask onclick="out.textContent = confirm('Sure?')">Ask</button><p id=out></p>
    <script>onbeforeunload = (event) => event.preventDefault();</script>`,
  '/redirect': `<!doctype html><button id=go onclick="location.href = '/next'">go</button>`,
};

export interface BrowserUnderTest {
  readonly name: string;
  launch(): Promise<Browser>;
}

/** What the pages of every browser do. */
export function pageContract({ name, launch }: BrowserUnderTest): void {
  describe(`the page contract in ${name}`, () => {
    let browser: Browser;
    let site: Awaited<ReturnType<typeof servePages>>;

    beforeAll(async () => {
      site = await servePages(pages);
      browser = await launch();
    });

    afterAll(async () => {
      await browser?.close();
      await site?.close();
    });

    // The first, as the tab that a browser starts with has the caret in the address bar.
    test('a page that is opened, or brought to the front, has the focus', async () => {
      const hasFocus = '() => document.hasFocus()';
      const first = await browser.open(`${site.origin}/next`);
      expect(await first.evaluate(hasFocus)).toBe(true);
      const second = await browser.open(`${site.origin}/next`);
      expect(await Promise.all([first, second].map((page) => page.evaluate(hasFocus)))).toEqual([false, true]);
      await first.activate();
      expect(await Promise.all([first, second].map((page) => page.evaluate(hasFocus)))).toEqual([true, false]);
      await first.close();
      await second.close();
    });

    test('a click scrolls to its element and carries user activation', async () => {
      const page = await browser.open(`${site.origin}/form`);
      await page.click('#far');
      expect(await page.text('#out')).toBe('active true');
      await page.close();
    });

    test('typing writes into the element that has the caret, and a new line presses Enter', async () => {
      const page = await browser.open(`${site.origin}/form`);
      await page.type('#name', 'Zoë 🦊\n');
      await page.waitFor('h1', { text: 'Arrived' });
      expect(new URL(await page.url()).searchParams.get('name')).toBe('Zoë 🦊');
      await page.close();
    });

    test('typing a tab or an escape presses that key', async () => {
      const page = await browser.open(`${site.origin}/form`);
      await page.evaluate(
        "() => document.addEventListener('keydown', ({ key }) => void (out.textContent += `${key} `))",
      );
      await page.type('#name', '\u001b\t');
      expect(await page.text('#out')).toBe('Escape Tab');
      await page.close();
    });

    test('waitFor sees what becomes visible later, and a click waits until nothing is in its way', async () => {
      const page = await browser.open(`${site.origin}/late`);
      const [visible, clicked] = [page.waitFor('#hidden', { text: 'ready' }), page.click('#late')];
      await page.evaluate('() => begin()');
      await visible;
      await clicked;
      expect(await page.text('#late')).toBe('pressed');
      await page.close();
    });

    test('waitFor goes on in the page that follows a navigation', async () => {
      const page = await browser.open(`${site.origin}/redirect`);
      const arrived = page.waitFor('h1', { text: 'Arrived' });
      await page.click('#go');
      await arrived;
      expect(await page.text('h1')).toBe('Arrived');
      await page.close();
    });

    test('waitFor goes on when the navigation changes the site, and with it the process', async () => {
      const page = await browser.open(`${site.origin}/redirect`);
      const arrived = page.waitFor('h1', { text: 'Arrived' });
      await page.evaluate(`(url) => { location.href = url; }`, `${site.origin.replace('localhost', '127.0.0.1')}/next`);
      await arrived;
      expect(await page.url()).toContain('127.0.0.1');
      await page.close();
    });

    test('a wait that ends in vain says what the page holds instead', async () => {
      const page = await browser.open(`${site.origin}/next`);
      await expect(page.waitFor('h1', { text: 'Departed', timeoutMs: 50 })).rejects.toMatchObject({
        code: 'wait-timeout',
        message: `Waited 50 ms for "h1" to be visible with the text "Departed" in ${site.origin}/next; the matching texts are "Arrived"`,
      });
      await expect(page.waitFor('h2', { timeoutMs: 0 })).rejects.toThrow('no element matches');
      await page.close();
    });

    test('evaluate carries JSON both ways and reports what the page threw', async () => {
      const page = await browser.open(`${site.origin}/next`);
      expect(await page.evaluate('async (a, b) => ({ sum: a + b.c })', 1, { c: 2 })).toEqual({ sum: 3 });
      expect(await page.evaluate('() => {}')).toBeUndefined();
      await expect(page.evaluate(`() => { throw new TypeError('no such thing'); }`)).rejects.toMatchObject({
        code: 'page-error',
        message: 'A function evaluated in the page threw TypeError: no such thing',
      });
      await expect(page.waitFor('h1[')).rejects.toMatchObject({ code: 'page-error' });
      await page.close();
    });

    test('evaluate ends when the page is left, also where the browser would never answer', async () => {
      const page = await browser.open(`${site.origin}/redirect`);
      const [ending] = await Promise.allSettled([page.evaluate('() => new Promise(() => {})'), page.click('#go')]);
      expect(ending).toMatchObject({ status: 'rejected', reason: { code: 'page-left' } });
      await page.close();
    });

    test('with nobody there a question is answered no, and a page that asks whether to leave it is left', async () => {
      const page = await browser.open(`${site.origin}/questions`);
      await page.click('#ask');
      expect(await page.text('#out')).toBe('false');
      await page.evaluate(`() => { location.href = '/next'; }`);
      await page.waitFor('h1', { text: 'Arrived' });
      await page.close();
    });

    test('a page that is not there is shown as the browser shows it', async () => {
      const page = await browser.open(`${site.origin}/none`);
      expect(await page.url()).toBe(`${site.origin}/none`);
      await page.close();
    });

    test('a screenshot is a PNG of the tab', async () => {
      const page = await browser.open(`${site.origin}/next`);
      const { width, height } = pngSize(await page.screenshot());
      expect(width).toBeGreaterThan(800);
      expect(height).toBeGreaterThan(400);
      await page.close();
    });

    test('pages that are opened at the same time get a tab each', async () => {
      const opened = await Promise.all(['/form', '/next'].map((path) => browser.open(site.origin + path)));
      expect(await Promise.all(opened.map((page) => page.url()))).toEqual([
        `${site.origin}/form`,
        `${site.origin}/next`,
      ]);
      for (const page of opened) await page.close();
    });

    test('a page in a window of its own is visible beside those of another, and its window closes with it', async () => {
      const visibility = '() => document.visibilityState';
      const page = await browser.open(`${site.origin}/form`);
      const beside = await browser.open(`${site.origin}/next`, { window: true });
      expect(await page.evaluate(visibility)).toBe('visible');
      await page.click('#far');
      expect(await beside.evaluate(visibility)).toBe('visible');
      expect(await page.evaluate('() => document.hasFocus()')).toBe(true);
      await beside.close();
      expect(await Promise.all((await browser.pages()).map((tab) => tab.url()))).toEqual([`${site.origin}/form`]);
      await page.close();
    });

    test("clearing an origin's cookies leaves those of other hosts", async () => {
      const page = await browser.open(`${site.origin}/next`);
      const other = await browser.open(`${site.origin.replace('localhost', '127.0.0.1')}/next`);
      const cookies = () => Promise.all([page, other].map((tab) => tab.evaluate('() => document.cookie')));
      for (const tab of [page, other]) await tab.evaluate(`() => { document.cookie = 'session=ada; path=/'; }`);
      expect(await cookies()).toEqual(['session=ada', 'session=ada']);
      await browser.clearCookies(site.origin);
      expect(await cookies()).toEqual(['', 'session=ada']);
      await page.close();
      await other.close();
    });

    test('waitForPage finds a tab that the page opens, and pages lists the tabs', async () => {
      const page = await browser.open(`${site.origin}/form`);
      const opened = browser.waitForPage((url) => url.endsWith('/next'));
      await page.click('#popup');
      expect(await (await opened).text('h1')).toBe('Arrived');
      expect(await Promise.all((await browser.pages()).map((tab) => tab.url()))).toEqual([
        `${site.origin}/form`,
        `${site.origin}/next`,
      ]);

      expect(await page.evaluate('() => document.visibilityState')).toBe('hidden');
      await page.activate();
      expect(await page.evaluate('() => document.visibilityState')).toBe('visible');

      await expect(browser.waitForPage((url) => url.endsWith('/none'), { timeoutMs: 50 })).rejects.toThrow(
        `Waited 50 ms for a page; the tabs show ${site.origin}/form, ${site.origin}/next`,
      );
      for (const tab of await browser.pages()) await tab.close();
      expect(await Promise.all((await browser.pages()).map((tab) => tab.url()))).toEqual(['about:blank']);
    });
  });
}
