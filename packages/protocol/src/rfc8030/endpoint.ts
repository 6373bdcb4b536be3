import { type Brand, branded, type Parsed } from '../brand.ts';

/**
 * A push subscription's URL (RFC 8030 §2, "push resource"): https, no credentials. It is a capability: whoever holds it
 * can send, so it never reaches a log, a metric or an error message. Kept byte for byte, since WNS's `%2b` must survive.
 */
export type Endpoint = Brand<string, 'Endpoint'>;

/** scheme://host[:port] of an endpoint: the push service, and the audience of a VAPID token (RFC 8292 §2). */
export type PushServiceOrigin = Brand<string, 'PushServiceOrigin'>;

/** Longer endpoints than this have not been seen; WNS's are about 500 characters. */
export const MAX_ENDPOINT_CHARS = 2048;

export type EndpointError = 'invalid-endpoint' | 'endpoint-not-https';

/**
 * An https URL without credentials or fragment, at most {@link MAX_ENDPOINT_CHARS} characters, in the form that browsers
 * write (WHATWG URL, serialised): of other spellings of one push resource there is no end, and each would be a device.
 */
export function parseEndpoint(text: string): Parsed<Endpoint, EndpointError> {
  const url = text.length <= MAX_ENDPOINT_CHARS ? URL.parse(text) : null;
  if (url === null) return { ok: false, error: 'invalid-endpoint' };
  if (url.protocol !== 'https:') return { ok: false, error: 'endpoint-not-https' };
  const bare = url.username === '' && url.password === '' && !text.includes('#');
  if (!bare || url.href !== text) return { ok: false, error: 'invalid-endpoint' };
  return { ok: true, value: branded(text) };
}

/**
 * The push service that an endpoint belongs to. The form that {@link parseEndpoint} asks for has a slash behind the origin;
 * three times a message `new URL` took a tenth of the sender's main thread.
 */
export function endpointOrigin(endpoint: Endpoint): PushServiceOrigin {
  return branded(endpoint.slice(0, pathStart(endpoint)));
}

/** Path and query, byte for byte. */
export function endpointPath(endpoint: Endpoint): string {
  return endpoint.slice(pathStart(endpoint));
}

function pathStart(endpoint: Endpoint): number {
  return endpoint.indexOf('/', 'https://'.length);
}
