import { encodeBase64Url, parseAuthSecret, parseEndpoint, parseP256dh } from '@belfry/protocol';

/** A subscription as a browser gives it: an https endpoint, keys of the right length in unpadded base64url. */
export interface ImportedSubscription {
  readonly endpoint: string;
  readonly expirationTime: number | null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/**
 * - `invalid-json`: the text, or a line of it, cannot be read
 * - `no-subscription`: nothing with an `endpoint` in it
 * - `invalid-endpoint`, `endpoint-not-https`: no URL as browsers write it, or not https
 * - `invalid-p256dh`: not an uncompressed point on P-256 in base64
 * - `invalid-auth`: not 16 octets in base64
 */
export type ImportRejection =
  | 'invalid-json'
  | 'no-subscription'
  | 'invalid-endpoint'
  | 'endpoint-not-https'
  | 'invalid-p256dh'
  | 'invalid-auth';

/** What became of a row; `index` counts rows from 0, rejected ones too. */
export type ImportOutcome =
  | {
      readonly outcome: 'imported';
      readonly index: number;
      readonly subscription: ImportedSubscription;
      /** The whole row as it was stored: whose it is stands there. */
      readonly row: unknown;
    }
  | { readonly outcome: 'rejected'; readonly index: number; readonly reason: ImportRejection };

/**
 * Reads subscriptions as applications with web-push have stored them: a JSON array, JSON lines, or rows (objects, or
 * their JSON). A row is a PushSubscription with or without other fields, `{ endpoint, p256dh, auth }`, or an object with
 * one of those in a field, as object or JSON. Keys in plain or padded base64 are rewritten as browsers write them.
 *
 * Never throws because of a row, and says nothing of what is in a rejected one.
 *
 * @example
 * for (const result of importSubscriptions(await readFile('subscriptions.json', 'utf8'))) {
 *   if (result.outcome === 'imported') await save(result.subscription, result.row);
 *   else console.warn(`row ${result.index}: ${result.reason}`);
 * }
 */
export function* importSubscriptions(source: string | Iterable<unknown>): Generator<ImportOutcome, void, undefined> {
  let index = 0;
  for (const row of typeof source === 'string' ? rowsOf(source) : source) yield importRow(row, index++);
}

function rowsOf(text: string): readonly unknown[] {
  const trimmed = text.trim();
  const whole = parseJson(trimmed);
  if (Array.isArray(whole)) return whole;
  // A broken array is one fault, not one per line of it.
  if (whole !== undefined || trimmed.startsWith('[')) return [whole ?? trimmed];
  return trimmed.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function importRow(row: unknown, index: number): ImportOutcome {
  const value = typeof row === 'string' ? parseJson(row) : row;
  if (typeof row === 'string' && value === undefined) return { outcome: 'rejected', index, reason: 'invalid-json' };
  const found = findSubscription(value);
  if (found === undefined) return { outcome: 'rejected', index, reason: 'no-subscription' };
  const read = readSubscription(found);
  return typeof read === 'string'
    ? { outcome: 'rejected', index, reason: read }
    : { outcome: 'imported', index, subscription: read, row: value };
}

/** The row itself, or the first of its fields that has an endpoint. */
function findSubscription(row: unknown): object | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const fields = Object.values(row).map((value: unknown) => (typeof value === 'string' ? parseJson(value) : value));
  return [row, ...fields].find((value) => field(value, 'endpoint') !== undefined) ?? undefined;
}

function readSubscription(found: object): ImportedSubscription | ImportRejection {
  const endpoint = parseEndpoint(textField(found, 'endpoint'));
  if (!endpoint.ok) return endpoint.error;
  const keys = field(found, 'keys');
  const stored = typeof keys === 'string' ? parseJson(keys) : (keys ?? found);
  const p256dh = parseP256dh(toBase64Url(textField(stored, 'p256dh')));
  if (!p256dh.ok) return p256dh.error;
  const auth = parseAuthSecret(toBase64Url(textField(stored, 'auth')));
  if (!auth.ok) return auth.error;
  const expirationTime = field(found, 'expirationTime');
  return {
    endpoint: endpoint.value,
    expirationTime: typeof expirationTime === 'number' ? expirationTime : null,
    keys: { p256dh: encodeBase64Url(p256dh.value), auth: encodeBase64Url(auth.value) },
  };
}

/** RFC 4648's two alphabets differ in two characters, and in the padding. */
function toBase64Url(text: string): string {
  return text
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '');
}

function textField(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === 'string' ? text : '';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
