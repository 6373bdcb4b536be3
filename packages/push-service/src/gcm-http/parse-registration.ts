import { type Parsed, parseVapidPublicKey, type VapidPublicKey } from '@belfry/protocol';

/** What Chromium asks for at its registration URL (measured with 156). */
export type RegistrationRequest =
  /** A push subscription: `subtype` is 'wp:', the page's origin and a GUID; `sender` its `applicationServerKey`. */
  | { readonly type: 'subscribe'; readonly app: string; readonly subtype: string; readonly sender: VapidPublicKey }
  | { readonly type: 'unsubscribe'; readonly app: string; readonly subtype: string }
  /** Of Chromium itself: the account mapper registers once in a profile, and is never sent anything here. */
  | { readonly type: 'internal'; readonly app: string; readonly remove: boolean };

export type RegistrationError = 'INVALID_PARAMETERS' | 'INVALID_SENDER';

/** Reads the form of a request whose `Authorization` said that it comes from `androidId`. */
export function parseRegistration(body: Uint8Array, androidId: string): Parsed<RegistrationRequest, RegistrationError> {
  const form = new URLSearchParams(Buffer.from(body).toString());
  const [app, subtype, remove] = [form.get('app'), form.get('X-subtype'), form.get('delete') === 'true'];
  if (app === null || app === '' || form.get('device') !== androidId) return { ok: false, error: 'INVALID_PARAMETERS' };
  if (subtype === null) return { ok: true, value: { type: 'internal', app, remove } };
  if (remove) return { ok: true, value: { type: 'unsubscribe', app, subtype } };
  const sender = parseVapidPublicKey(form.get('sender') ?? '');
  return sender.ok
    ? { ok: true, value: { type: 'subscribe', app, subtype, sender: sender.value } }
    : { ok: false, error: 'INVALID_SENDER' };
}
