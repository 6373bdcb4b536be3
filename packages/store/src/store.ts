import type { VapidKeys, VapidPublicKey } from '@belfry/protocol';
import type { Device, RemoveDevice, SaveDevice, SaveDeviceOutcome } from './device.ts';
import type { MessageId, UserId } from './ids.ts';
import type { AttemptResult, Delivery, EnqueueMessage, MessageStatus } from './message.ts';

/**
 * Where Belfry keeps what must survive it. A promise that resolves is a commit on disk; one that rejects changed
 * nothing. Time is an argument everywhere (milliseconds since 1970).
 */
export interface Store {
  /**
   * Saves a subscription under its user. It finds the device again by its endpoint, or by user, secret and worker scope
   * where the browser made a new subscription; so saving twice makes one device.
   */
  saveDevice(device: SaveDevice): Promise<SaveDeviceOutcome>;

  /** Forgets a device and drops what was on its way to it; false where the asker has no such device. */
  removeDevice(request: RemoveDevice): Promise<boolean>;

  /** All devices of a user, gone ones included, oldest first. */
  devicesOfUser(userId: UserId): Promise<readonly Device[]>;

  /**
   * Makes a message durable, with a delivery for each live device of the user, all in state `sending`: the caller sends
   * them now.
   */
  enqueueMessage(message: EnqueueMessage): Promise<readonly Delivery[]>;

  /**
   * Records attempts. A `gone` marks its device, if that still has the endpoint which answered; so does the last of
   * several `rejected` (see `AttemptResult`).
   */
  recordResults(results: readonly AttemptResult[]): Promise<void>;

  /** Makes what a dead process left in `sending` due at once. Called once, at start; answers how many there were. */
  recoverInterrupted(): Promise<number>;

  /**
   * Takes deliveries whose time has come, at most `limit`, and says when the next one is due (null: none waits). Those
   * whose device changed hands or went are dropped instead.
   */
  takeDue(request: {
    readonly now: number;
    readonly limit: number;
  }): Promise<{ readonly deliveries: readonly Delivery[]; readonly nextDueAt: number | null }>;

  /** How far a message is; undefined for an unknown one. */
  messageStatus(id: MessageId): Promise<MessageStatus | undefined>;

  /** The store's own VAPID keys: the newest, or, in a store without any, `candidate`, which is kept from then on. */
  ensureVapidKeys(request: { readonly candidate: VapidKeys; readonly now: number }): Promise<VapidKeys>;

  /** All VAPID keys kept here, newest first. */
  vapidKeys(): Promise<readonly VapidKeys[]>;

  /** The VAPID keys that live devices subscribed with. */
  vapidKeysInUse(): Promise<readonly VapidPublicKey[]>;

  /** Finishes what was asked before, then closes. Calls after it reject with `store-closed`. */
  close(): Promise<void>;
}

/** Opens a store, creating or migrating it as needed. */
export type OpenStore = () => Promise<Store>;
