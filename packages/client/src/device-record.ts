/**
 * Where the device records are: the page writes them, the service worker reads them.
 * IndexedDB database `belfry`, version 1, object store `devices` without a key path;
 * the key is the registration's scope (an absolute URL), the value a DeviceRecord.
 */
export const DEVICE_DATABASE = { name: 'belfry', version: 1, store: 'devices' } as const;

/** What this browser knows of itself as a device of one service-worker registration. */
export interface DeviceRecord {
  /** 32 random bytes in base64url, made here once; the server keeps their hash. Never log it. */
  readonly deviceSecret: string;
  /** What the server answered; null until it has confirmed a subscription. */
  readonly confirmed: {
    readonly deviceId: string;
    readonly binding: string;
    /** The subscription that was confirmed. Never log it. */
    readonly endpoint: string;
  } | null;
}

/** Keeps the device record of each scope. */
export interface DeviceRecordStore {
  get(scope: string): Promise<DeviceRecord | null>;
  /** Returns the record of the scope, after putting the candidate there if it had none: two tabs get the same one. */
  getOrAdd(scope: string, candidate: DeviceRecord): Promise<DeviceRecord>;
  put(scope: string, record: DeviceRecord): Promise<void>;
  delete(scope: string): Promise<void>;
}
