import type { CdpSession } from '../cdp/cdp-connection.ts';
import { callForJson, isNavigation } from '../cdp/evaluate.ts';
import { TestingError } from '../errors.ts';

/**
 * Goes to a URL; resolves when the page, or the one it redirects to meanwhile, has loaded.
 *
 * @throws TestingError `protocol-error` with Chromium's reason when there is no such page
 */
export async function navigate(session: CdpSession, url: string): Promise<void> {
  const { errorText } = await session.send('Page.navigate', { url });
  if (typeof errorText === 'string' && errorText !== emptyAnswer) {
    throw new TestingError('protocol-error', `Could not open ${url}: ${errorText}`, { protocolError: errorText });
  }
  // The answer comes when the navigation is committed: the document is the new one.
  for (;;) {
    try {
      await callForJson(session, { declaration: pageLoaded });
      return;
    } catch (error) {
      if (!isNavigation(error)) throw error;
    }
  }
}

// An answer such as 404 without a body: Chromium shows a page of its own in its place.
const emptyAnswer = 'net::ERR_HTTP_RESPONSE_CODE_FAILURE';

const pageLoaded = `() => new Promise((resolve) => {
  if (document.readyState === 'complete') resolve();
  else addEventListener('load', () => resolve());
})`;
