import type { ShownOptions } from './shown-options.ts';

/** The part of `PushEvent` that Belfry uses. */
export interface PushEventLike {
  readonly data: { text(): string } | null;
  /** WebKit only: the notification of a mutable declarative push, whose `data` is null. */
  readonly notification?: object | null;
  waitUntil(work: Promise<unknown>): void;
}

/** The part of `NotificationEvent` that Belfry uses. */
export interface NotificationClickEventLike {
  /** The button's name; `''` for the notification itself. */
  readonly action: string;
  readonly notification: { readonly data: unknown; close(): void };
  waitUntil(work: Promise<unknown>): void;
}

/** The part of `ServiceWorkerGlobalScope` that Belfry uses: pass `self`. */
export interface PushWorkerScope {
  readonly location: { readonly host: string; readonly origin: string };
  readonly navigator: { setAppBadge?(count: number): Promise<void> };
  readonly registration: {
    readonly scope: string;
    showNotification(title: string, options: ShownOptions): Promise<void>;
  };
  readonly clients: {
    matchAll(options: {
      type: 'window';
      includeUncontrolled: true;
    }): Promise<readonly { readonly url: string; focus(): Promise<unknown> }[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: 'push', listener: (event: PushEventLike) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: NotificationClickEventLike) => void): void;
}

/** What is shown for a push that has nothing to show itself. */
export interface DefaultNotification {
  readonly title: string;
  readonly body?: string;
  readonly icon?: string;
  /** Where its click leads, and the click on any notification without a URL; default: the worker's scope. */
  readonly url?: string;
}

/** What the handlers work with; `installPushWorker` makes it. */
export interface PushWorkerDeps {
  readonly scope: PushWorkerScope;
  readonly defaultNotification: DefaultNotification;
}
