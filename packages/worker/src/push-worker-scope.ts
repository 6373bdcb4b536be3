import type { NotificationLike, PushWorkerEvents } from './push-worker-events.ts';

/** The part of `WindowClient` that Belfry uses: an open page of this origin. */
export interface PageLike {
  readonly url: string;
  readonly focused: boolean;
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
  postMessage(message: unknown, transfer: MessagePort[]): void;
}

/** The part of `PushSubscription` that Belfry uses. */
export interface SubscriptionLike {
  readonly endpoint: string;
  /** `endpoint`, `keys` and `expirationTime`. */
  toJSON(): object;
  unsubscribe(): Promise<boolean>;
}

/** The part of `PushManager` that Belfry uses. */
export interface PushManagerLike {
  getSubscription(): Promise<SubscriptionLike | null>;
  subscribe(options: { userVisibleOnly: true; applicationServerKey: string }): Promise<SubscriptionLike>;
}

/** The part of `ServiceWorkerGlobalScope` that Belfry uses: pass `self`. */
export interface PushWorkerScope {
  readonly location: { readonly host: string; readonly origin: string };
  readonly navigator: {
    readonly userAgent: string;
    setAppBadge?(count: number): Promise<void>;
  };
  readonly registration: {
    readonly scope: string;
    readonly pushManager: PushManagerLike;
    /** The options are ShownOptions: browsers take members that are undefined, TypeScript's NotificationOptions has none. */
    showNotification(title: string, options: object): Promise<void>;
    getNotifications(filter: { tag: string }): Promise<readonly NotificationLike[]>;
  };
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly PageLike[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array };
  readonly indexedDB: IDBFactory;
  addEventListener<Type extends keyof PushWorkerEvents>(
    type: Type,
    listener: (event: PushWorkerEvents[Type]) => void,
  ): void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  setTimeout(callback: () => void, delayMs: number): unknown;
}
