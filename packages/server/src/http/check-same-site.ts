import { BelfryError } from '../errors.ts';

/**
 * Refuses a request that another site may have made a browser send with its user's cookies (CSRF). Where neither
 * `Origin` nor `Sec-Fetch-Site` says that it is our own page, it is refused: every browser with the Push API sends one.
 *
 * @throws {BelfryError} `cross-site-request`
 */
export function checkSameSite(request: Request, origins: readonly string[]): void {
  const origin = request.headers.get('origin');
  const ownPage =
    origin === null
      ? request.headers.get('sec-fetch-site') === 'same-origin'
      : origins.includes(origin) || origin === new URL(request.url).origin;
  if (!ownPage) {
    throw new BelfryError(
      'cross-site-request',
      "The request must come from a page of the server's `origins`, as its Origin or Sec-Fetch-Site header says",
    );
  }
}
