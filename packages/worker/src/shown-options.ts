import type { Envelope } from './envelope.ts';

/**
 * What every notification of Belfry keeps in `Notification.data`.
 * A notification whose data has no `belfry` key was shown by the app itself, and its clicks are the app's.
 */
export interface NotificationData {
  /** Belfry's envelope; null for a message without one, or with one of an unknown version. */
  readonly belfry: Envelope | null;
  /** The app's own data, as it was declared; null where there was none. */
  readonly data: unknown;
  /** Where a click leads, as declared: under `''` for the notification itself, else under the action's name. */
  readonly urls: Readonly<Record<string, string>>;
}

/** A button of a notification; its URL is in `NotificationData.urls`. */
export interface ShownAction {
  action: string;
  title: string;
  icon?: string | undefined;
  /** Not for the browser: where its click leads, for handlers and pages. */
  url?: string | undefined;
}

/** The options that Belfry gives to `showNotification` (Notifications API, `NotificationOptions`). */
export interface ShownOptions<Data = NotificationData> {
  data: Data;
  body?: string | undefined;
  lang?: string | undefined;
  dir?: 'auto' | 'ltr' | 'rtl' | undefined;
  tag?: string | undefined;
  icon?: string | undefined;
  image?: string | undefined;
  badge?: string | undefined;
  silent?: boolean | undefined;
  renotify?: boolean | undefined;
  requireInteraction?: boolean | undefined;
  /** Milliseconds since the epoch. */
  timestamp?: number | undefined;
  /** Milliseconds on, off, on… */
  vibrate?: number[] | undefined;
  actions?: ShownAction[] | undefined;
  /** Set only for a declarative push, which WebKit alone delivers: there a click opens it without the worker. */
  navigate?: string | undefined;
}
