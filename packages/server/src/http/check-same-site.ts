import { BelfryError } from '../errors.ts';

/**
 * Refuses a request that another site may have made a browser send with its user's cookies: CSRF, or a name that an attacker
 * lets resolve to this server (DNS rebinding). Only `origins` count, never the request's own Host, which both can choose.
 *
 * - With an `Origin` header, it must be one of `origins`.
 * - Without one, a request that changes something needs `Sec-Fetch-Site: same-origin`. Browsers send one of the two.
 * - Without one, the Host must be that of one of `origins`. A header with a token changes nothing: only `authenticate` knows
 *   whether the token is valid, and whether the identity comes from it or from elsewhere.
 *
 * @throws {BelfryError} `cross-site-request`
 */
export function checkSameSite(request: Request, origins: readonly string[]): void {
  const { headers, method } = request;
  const origin = headers.get('origin');
  if (origin !== null) {
    if (!origins.includes(origin)) throw refused("The request's Origin is not one of the server's `origins`");
    return;
  }
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isRead && headers.get('sec-fetch-site') !== 'same-origin') {
    throw refused(
      "The request needs an Origin header with one of the server's `origins`, or `Sec-Fetch-Site: same-origin`",
    );
  }
  if (!origins.some((one) => isHostOf(request, one))) {
    throw refused(
      "The request's Host is not that of one of the server's `origins`: have the proxy pass it on (nginx: `proxy_set_header Host $host;`, or `$http_host` where the origin has a port)",
    );
  }
}

/** Behind a proxy that ends TLS the request's own scheme is another, and so is the port that may be left out. */
function isHostOf(request: Request, origin: string): boolean {
  const { protocol, host } = new URL(origin);
  return URL.parse(`${protocol}//${new URL(request.url).host}`)?.host === host;
}

function refused(message: string): BelfryError {
  return new BelfryError('cross-site-request', message);
}
