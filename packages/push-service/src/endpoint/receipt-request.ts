import type { ReceiptToken } from '../identifiers.ts';
import { parseResource } from './resource.ts';

/** The link relation of a receipt subscription (RFC 8030 §5.1). */
export const RECEIPT_RELATION = 'urn:ietf:params:push:receipt';

/** Whether a `Prefer` header holds `respond-async` (RFC 7240 §2 and §4.1). */
export function prefersReceipt(prefer: string | undefined): boolean {
  // What is quoted may hold the separators.
  const preferences = (prefer ?? '').replace(/"[^"]*"/g, '""').split(',');
  return preferences.some((preference) => /^\s*respond-async\s*(?:[;=]|$)/i.test(preference));
}

/**
 * The receipt subscription that a push names in its `Link` header, for its receipt to go where earlier ones go. Undefined
 * where it names none that is this origin's, and one that is well formed may still be unknown.
 */
export function linkedReceiptSubscription(link: string | undefined, origin: string): ReceiptToken | undefined {
  // Of our own links none holds a comma.
  for (const entry of (link ?? '').split(',')) {
    const [, target = '', parameters = ''] = /^\s*<([^<>]*)>(.*)$/.exec(entry) ?? [];
    if (/;\s*rel="?([^"\s;]*)/i.exec(parameters)?.[1] !== RECEIPT_RELATION) continue;
    const url = URL.canParse(target, origin) ? new URL(target, origin) : undefined;
    const resource = url?.origin === origin ? parseResource(url.pathname) : undefined;
    if (resource?.type === 'receipts') return resource.token;
  }
  return undefined;
}
