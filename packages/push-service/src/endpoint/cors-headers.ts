import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/**
 * On every answer, so that any page may push, as at Mozilla's service (autopush-rs, autoendpoint/src/server.rs). An
 * endpoint is a capability: who may send is not decided by the page's origin. What a page may read beyond the body is
 * ours to say, for Mozilla's service exposes nothing.
 */
export const CORS_HEADERS: OutgoingHttpHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Location, TTL, Link, Preference-Applied, Retry-After, WWW-Authenticate',
};

/** The answer to a preflight of any URL. Its headers are named one by one: `*` would not allow `Authorization`. */
export function preflightHeaders(request: IncomingHttpHeaders): OutgoingHttpHeaders {
  return {
    ...CORS_HEADERS,
    'access-control-allow-methods': 'DELETE, GET, POST, PUT',
    'access-control-allow-headers': request['access-control-request-headers'] ?? '',
    'access-control-max-age': '3600',
    'content-length': '0',
  };
}
