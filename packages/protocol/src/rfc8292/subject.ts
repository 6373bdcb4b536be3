import { type Brand, branded, type Parsed } from '../brand.ts';

/** Where a push service reaches the sender's operator: a `mailto:` or `https:` URI (RFC 8292 §2.1). */
export type VapidSubject = Brand<string, 'VapidSubject'>;

const MAILTO = /^mailto:[^\s@<>?]+@([^\s@<>?]+)(\?[^\s<>]*)?$/;

/** Names that lead to nobody outside (RFC 6761, RFC 6762), with or without the dot of a full name. */
const UNREACHABLE = /(^|\.)(localhost|local|invalid)\.?$/i;

/**
 * A `mailto:` address or an `https:` URL. Stricter than the RFC where Apple is: it answers 403 BadJwtToken to a subject
 * with a space or angle brackets, or on localhost, `.local` or `.invalid`.
 */
export function parseSubject(text: string): Parsed<VapidSubject, 'invalid-subject'> {
  const host = MAILTO.exec(text)?.[1] ?? httpsHost(text);
  return host === undefined || UNREACHABLE.test(host)
    ? { ok: false, error: 'invalid-subject' }
    : { ok: true, value: branded(text) };
}

function httpsHost(text: string): string | undefined {
  const url = /[\s<>]/.test(text) ? null : URL.parse(text);
  return url?.protocol === 'https:' ? url.hostname : undefined;
}
