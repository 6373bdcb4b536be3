/**
 * Where page and service worker keep what they know of this browser: IndexedDB database `belfry-push`, version 1. In both object
 * stores, which have no key path, the key is the scope of the service worker's registration (an absolute URL). `device` has a
 * DeviceRecord, which the page writes, and the worker where it subscribes; `worker` is the worker's own.
 */
export const DATABASE_NAME = 'belfry-push';
export const OBJECT_STORES = ['device', 'worker'] as const;

/** What this browser knows of itself as a device of one service-worker registration. */
export interface DeviceRecord {
  /** The server's routes: an absolute URL without a slash at its end. */
  readonly api: string;
  /** 32 random bytes in base64url, made here, anew for each user; the server keeps their hash. Never log it. */
  readonly deviceSecret: string;
  /** `on`: enabled, and kept so. `signed-out`: enabled, until `logout()`; the next user's sign-in turns it on. */
  readonly intent: 'on' | 'signed-out' | 'off';
  /** Who `identify()` said is signed in; null where it was never called. */
  readonly user: string | null;
  /** The app's own token, for requests of the worker; null where it has none. Never log it. */
  readonly token: string | null;
  /** What the server answered; null until it has confirmed a subscription, and after a sign-out. */
  readonly confirmed: ConfirmedDevice | null;
  /** Devices of former users that the server has not yet been told of. */
  readonly leaving: readonly LeavingDevice[];
  /**
   * The endpoint that the user before had here. They may have noted it with its keys, so the next user's device gets another
   * subscription. Never log it.
   */
  readonly formerEndpoint?: string | undefined;
}

export interface ConfirmedDevice {
  readonly deviceId: string;
  /** Messages with another one are for somebody else. */
  readonly binding: string;
  /** The subscription that was confirmed. Never log it. */
  readonly endpoint: string;
  readonly vapidPublicKey: string;
}

export interface LeavingDevice {
  readonly deviceId: string;
  readonly deviceSecret: string;
}

/** Keeps the device record of each scope. */
export interface DeviceRecordStore {
  get(scope: string): Promise<DeviceRecord | null>;
  /**
   * Replaces a record by what `change` makes of it (null: leaves it), in one transaction, so that two tabs never lose each other's
   * changes; answers what is there then.
   */
  update(scope: string, change: (record: DeviceRecord | null) => DeviceRecord | null): Promise<DeviceRecord | null>;
}
