import { branded } from '@belfry/protocol';
import type { EndpointToken, MessageId } from '../identifiers.ts';

/** What a URL of the endpoint server stands for: a push resource or a push message resource (RFC 8030 §2). */
export type Resource =
  | { readonly type: 'subscription'; readonly token: EndpointToken }
  | { readonly type: 'message'; readonly id: MessageId };

/** Undefined for every other path. A well-formed one may still name nothing. */
export function parseResource(path: string): Resource | undefined {
  const [, kind, name] = /^\/(wpush\/v2|m)\/([A-Za-z0-9_-]{1,64})$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  return kind === 'm' ? { type: 'message', id: branded(name) } : { type: 'subscription', token: branded(name) };
}

export function subscriptionUrl(origin: string, token: EndpointToken): string {
  return `${origin}/wpush/v2/${token}`;
}

export function messageUrl(origin: string, id: MessageId): string {
  return `${origin}/m/${id}`;
}
