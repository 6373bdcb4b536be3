import { branded } from '@belfry/protocol';
import type { EndpointToken, MessageId, ReceiptToken } from '../identifiers.ts';
import { WNS_PATH_PREFIX } from '../personas/wns-path-prefix.ts';

/** What a URL of the endpoint server stands for: a resource of RFC 8030 §2. */
export type Resource =
  | { readonly type: 'subscription'; readonly token: EndpointToken }
  | { readonly type: 'message'; readonly id: MessageId }
  | { readonly type: 'receipts'; readonly token: ReceiptToken };

/**
 * Undefined for every other path. A well-formed one may still name nothing. Firefox is told the whole of its endpoint;
 * Chromium makes its own of the token, with one of two paths; Apple's form is the token alone, and WNS's a query.
 */
export function parseResource(path: string): Resource | undefined {
  const bare = path.startsWith(WNS_PATH_PREFIX) ? `/${path.slice(WNS_PATH_PREFIX.length)}` : path;
  const [, token] = /^\/([A-Za-z0-9_-]{43})$/.exec(bare) ?? [];
  if (token !== undefined) return { type: 'subscription', token: branded(token) };
  const [, kind, name] = /^\/(wpush\/v2|fcm\/send|wp|m|r)\/([A-Za-z0-9_-]{1,64})$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  if (kind === 'r') return { type: 'receipts', token: branded(name) };
  return kind === 'm' ? { type: 'message', id: branded(name) } : { type: 'subscription', token: branded(name) };
}

export function subscriptionUrl(origin: string, token: EndpointToken): string {
  return `${origin}/wpush/v2/${token}`;
}

export function messagePath(id: MessageId): string {
  return `/m/${id}`;
}

export function messageUrl(origin: string, id: MessageId): string {
  return `${origin}${messagePath(id)}`;
}

export function receiptsUrl(origin: string, token: ReceiptToken): string {
  return `${origin}/r/${token}`;
}
