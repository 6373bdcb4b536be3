/** A worker on its way to being active. */
export interface InstallingWorker {
  readonly state: ServiceWorkerState;
  addEventListener(type: 'statechange', listener: () => void): void;
}

/** The part of `PushSubscription` that Belfry uses. */
export interface PushSubscriptionSubset {
  readonly endpoint: string;
  readonly options: { readonly applicationServerKey: ArrayBuffer | null };
  /** With the endpoint, the keys, and when it ends. */
  toJSON(): PushSubscriptionJSON;
  unsubscribe(): Promise<boolean>;
}

/** The part of `PushManager` that Belfry uses. */
export interface PushManagerSubset {
  getSubscription(): Promise<PushSubscriptionSubset | null>;
  subscribe(options: { userVisibleOnly: true; applicationServerKey: string }): Promise<PushSubscriptionSubset>;
}

/** The part of `ServiceWorkerRegistration` that Belfry uses. */
export interface RegistrationSubset {
  /** An absolute URL. */
  readonly scope: string;
  readonly installing: InstallingWorker | null;
  readonly waiting: InstallingWorker | null;
  readonly active: object | null;
  readonly pushManager: PushManagerSubset;
  getNotifications(): Promise<readonly ShownNotification[]>;
}

/** The part of `Notification` that Belfry uses. */
export interface ShownNotification {
  /** The app's own notifications have data of theirs. */
  readonly data: { readonly belfry?: unknown; readonly [member: string]: unknown } | null | undefined;
  close(): void;
}

/** The part of `window` that Belfry uses: the whole of its effects. What an old browser lacks is optional. */
export interface PushEnvironment {
  readonly isSecureContext: boolean;
  readonly location: { readonly href: string; readonly origin: string; readonly hash: string };
  readonly history: { readonly state: unknown; replaceState(state: unknown, unused: string, url: string): void };
  readonly navigator: {
    readonly language: string;
    /** Only iOS and iPadOS have it: whether the page was opened from the Home Screen. */
    readonly standalone?: boolean;
    readonly permissions?: {
      query(descriptor: {
        name: 'notifications';
      }): Promise<{ addEventListener(type: 'change', listener: () => void): void }>;
    };
    readonly serviceWorker?: {
      readonly ready: Promise<RegistrationSubset>;
      register(url: string, options: { scope?: string; type?: 'classic' | 'module' }): Promise<RegistrationSubset>;
      getRegistration(clientUrl?: string): Promise<RegistrationSubset | undefined>;
    };
  };
  readonly Notification?: {
    readonly permission: NotificationPermission;
    /** Old browsers call back and return nothing. */
    requestPermission(
      callback: (permission: NotificationPermission) => void,
    ): Promise<NotificationPermission> | undefined;
  };
  readonly PushManager?: unknown;
  /** Declarative Web Push: a push manager that needs no service worker (Safari from 18.4 on). */
  readonly pushManager?: PushManagerSubset;
  readonly indexedDB: IDBFactory;
  readonly crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array };
  readonly Date: { now(): number };
  readonly AbortSignal: { timeout?(delayMs: number): AbortSignal };
  fetch(url: string, init: RequestInit): Promise<Response>;
  setTimeout(callback: () => void, delayMs: number): number;
  addEventListener(type: 'online' | 'focus' | 'hashchange', listener: () => void): void;
}
