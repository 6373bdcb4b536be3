import type { PushClientError, PushClientErrorCode } from './push-client-error.ts';

/**
 * What the page can offer its user; `describeState` has words for each.
 *
 * - `unknown`: nobody has looked yet
 * - `unsupported`: this browser has no push
 * - `insecure`: the page came over http, and not from localhost
 * - `needs-install`: iOS and iPadOS, until the page is on the Home Screen
 * - `blocked`: the user has denied notifications; only the browser's settings change that
 * - `promptable`: the user has not been asked
 * - `off`: permitted, but not enabled on this browser, or its user signed out
 * - `on`: permitted, subscribed, and the server has confirmed this very subscription
 * - `broken`: enabled, and something went wrong since; `reason` says what. It is tried again at the next `refresh()`
 */
export type PushState =
  | {
      readonly status:
        | 'unknown'
        | 'unsupported'
        | 'insecure'
        | 'needs-install'
        | 'blocked'
        | 'promptable'
        | 'off'
        | 'on';
    }
  | { readonly status: 'broken'; readonly reason: PushClientErrorCode };

/** The names of the states. */
export type PushStatus = PushState['status'];

export type EnableResult =
  | { readonly outcome: 'on'; readonly deviceId: string }
  /** `dismissed`: the prompt was closed without an answer; it may be shown again. */
  | { readonly outcome: 'unsupported' | 'insecure' | 'needs-install' | 'denied' | 'dismissed' }
  | { readonly outcome: 'failed'; readonly error: PushClientError };

export type DisableResult =
  | { readonly outcome: 'off' }
  /** Null for the side that is done: the other one may still hold the subscription. */
  | { readonly outcome: 'failed'; readonly browser: PushClientError | null; readonly server: PushClientError | null };

/** From then on this browser shows nothing of the user's messages; `server` is why the server does not know that yet. */
export type LogoutResult =
  | { readonly outcome: 'signed-out'; readonly server: PushClientError | null }
  /** The browser's storage failed, so that it could not be noted here; the subscription was ended, where that was possible. */
  | { readonly outcome: 'failed'; readonly error: PushClientError };
