// As `client/src/device-record.ts` defines it: page and worker share it.

/** What this browser knows of itself as a device of one service-worker registration. */
export interface DeviceRecord {
  /** The server's routes: an absolute URL without a slash at its end. */
  readonly api: string;
  /** 32 random bytes in base64url, made anew for each user; the server keeps their hash. Never log it. */
  readonly deviceSecret: string;
  /** `on`: enabled, and kept so. `signed-out`: enabled, until `logout()`. */
  readonly intent: 'on' | 'signed-out' | 'off';
  readonly user: string | null;
  /** The app's own token, for requests of the worker; null where it has none. Never log it. */
  readonly token: string | null;
  /** What the server answered; null until it has confirmed a subscription, and after a sign-out. */
  readonly confirmed: ConfirmedDevice | null;
  /** Devices of former users that the server has not yet been told of. */
  readonly leaving: readonly LeavingDevice[];
  /** The endpoint that the user before had here: the next one gets another. Never log it. */
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
