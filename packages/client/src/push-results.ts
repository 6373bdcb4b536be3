import type { PushClientError } from './push-client-error.ts';

/**
 * What the page can offer its user.
 *
 * - `unknown`: nobody has looked yet
 * - `unsupported`: this browser, or this way of opening the page, has no push (Safari on iOS: until it is on the Home Screen)
 * - `insecure`: the page came over http, and not from localhost
 * - `blocked`: the user has denied notifications; only the browser's settings change that
 * - `promptable`: the user has not been asked
 * - `off`: permitted, but this device is not subscribed, or the server does not know its subscription
 * - `on`: permitted, subscribed, and the server has confirmed this very subscription
 */
export type PushState = 'unknown' | 'unsupported' | 'insecure' | 'blocked' | 'promptable' | 'off' | 'on';

export type EnableResult =
  | { readonly outcome: 'on'; readonly deviceId: string }
  /** `dismissed`: the prompt was closed without an answer; it may be shown again. */
  | { readonly outcome: 'unsupported' | 'insecure' | 'denied' | 'dismissed' }
  | { readonly outcome: 'failed'; readonly error: PushClientError };

export type DisableResult =
  | { readonly outcome: 'off' }
  /** Null for the side that is done: the other one may still hold the subscription. */
  | { readonly outcome: 'failed'; readonly browser: PushClientError | null; readonly server: PushClientError | null };
