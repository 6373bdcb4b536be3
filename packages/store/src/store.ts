import type { VapidKeys, VapidPublicKey } from '@belfry/protocol';
import type { TopicMember, TopicMembership, TopicName } from './audience.ts';
import type { ChunkLease, CommitPage, CommitPageOutcome, LeaseChunks, PageDevices, ReadPage } from './chunk.ts';
import type { CheckDate, DateCheck } from './date.ts';
import type {
  Device,
  DeviceProof,
  RemoveDevice,
  RemovedDevices,
  ResubscribeDevice,
  ResubscribeOutcome,
  SaveDevice,
  SaveDeviceOutcome,
} from './device.ts';
import type { StoreError } from './errors.ts';
import type { MessageId, SessionId, UserId } from './ids.ts';
import type {
  AttemptResult,
  Delivery,
  EnqueueMessage,
  EnqueueOutcome,
  MessageChange,
  MessageChangeOutcome,
  MessageStatus,
  MessageToPlan,
  PlanMessage,
} from './message.ts';
import type { SaveReceipts } from './receipt.ts';
import type { TakenDelivery, Withdrawal } from './withdrawal.ts';

/**
 * Where Belfry keeps what must survive it. A promise that resolves is a commit on disk; one that rejects changed
 * nothing. Time is an argument everywhere (milliseconds since 1970), and the times in results are on the same clock. Processes that
 * share a store have clocks that differ. So a store that is shared keeps times on a clock of its own, and counts a time as the
 * difference to the `now` of its call. `MessageToPlan` and `MessageStatus` have the times of that clock.
 */
export interface Store {
  /**
   * Saves a subscription under its user. It finds the device again by its endpoint, or by user, secret and worker scope
   * where the browser made a new subscription; so saving twice makes one device.
   *
   * Whenever a device loses its secret (another takes its place, the device moves to another user, or is removed), that secret is
   * retired: no device has it again. The same goes for a secret that a second user sends.
   *
   * @throws {StoreError} `store-busy` at once, where many changes of this user's devices wait already; so do the other methods
   *   that change devices
   */
  saveDevice(device: SaveDevice): Promise<SaveDeviceOutcome>;

  /**
   * Gives a device that proves itself a new subscription, and makes a gone one live again. What is on its way to it stays. A browser
   * has one subscription for a scope, so another device of the same user, secret and scope is forgotten, as by `removeDevice`.
   */
  resubscribeDevice(request: ResubscribeDevice): Promise<ResubscribeOutcome>;

  /**
   * Returns the user of the device, live or gone, that has this secret; undefined where none has. It is one read by an index that
   * shares neither connections nor locks with the other calls, so anybody may ask it before anything else is done for them.
   *
   * @throws {StoreError} `store-busy` at once, where many such calls wait already
   */
  proveDevice(proof: DeviceProof): Promise<UserId | undefined>;

  /**
   * Forgets a device and drops what was on its way to it. It removes nothing where the asker has no such device. One call drops
   * `MAX_DROPPED_AT_ONCE` deliveries, and `takeDue` the rest when they are due.
   */
  removeDevice(request: RemoveDevice): Promise<RemovedDevices>;

  /**
   * Forgets the devices of a session, as `removeDevice` does, and saves none for a request that came before. Returns the devices
   * that it has removed, and how many of them were live.
   */
  endSession(request: { readonly sessionId: SessionId; readonly now: number }): Promise<RemovedDevices>;

  /**
   * Keeps what a device reports; saving it twice is saving it once. False where the device does not prove itself: nothing was
   * kept then.
   */
  saveReceipts(request: SaveReceipts): Promise<boolean>;

  /** The devices of a user, gone ones included, oldest first; with a limit, the newest ones. */
  devicesOfUser(userId: UserId, limit?: number): Promise<readonly Device[]>;

  /** Joins a topic; joining twice is joining once. False where there is no such device. */
  joinTopic(membership: TopicMembership & { readonly now: number }): Promise<boolean>;

  /** False where it had not joined. */
  leaveTopic(membership: TopicMembership): Promise<boolean>;

  /** What it joined itself, in alphabetical order. */
  topicsOf(member: TopicMember): Promise<readonly TopicName[]>;

  /**
   * Makes a message durable. A small audience of at most `SMALL_AUDIENCE_DEVICES` live devices whose time has come has a delivery for each live device, all in state
   * `sending` and leased by the caller, who sends them now; any other message waits to be planned. Its audience are the
   * devices that are there now, and only they.
   */
  enqueueMessage(message: EnqueueMessage): Promise<EnqueueOutcome>;

  /** Messages whose time has come, oldest first, and when the next one's does (null: none waits). */
  messagesToPlan(request: {
    readonly now: number;
    readonly limit: number;
  }): Promise<{ readonly messages: readonly MessageToPlan[]; readonly nextAt: number | null }>;

  /** The time zones of live devices; null where some have none. */
  timeZones(): Promise<readonly (string | null)[]>;

  /**
   * Parts a message into chunks, by push service, time zone and range of devices, or into deliveries that are due, where its
   * audience is small. False where it was planned before, or is paused or over. SQLite makes the deliveries for users in several
   * transactions: until the last one the message stays `queued`, and those that are there are taken when they are due.
   */
  planMessage(plan: PlanMessage): Promise<boolean>;

  /**
   * Takes chunks that nobody has and whose time has come, those of older messages first, of each push service one at
   * most. Of a message with `devicesPerSecond`, one of each push service is leased at a time, all of them through one store. Ends messages that have expired. Says when
   * the next chunk is due (null: none waits).
   */
  leaseChunks(
    request: LeaseChunks,
  ): Promise<{ readonly leases: readonly ChunkLease[]; readonly nextAt: number | null }>;

  /** The next live devices of a chunk that belong to the audience, as they are now, in the order of their ids. */
  readPage(request: ReadPage): Promise<PageDevices>;

  /** Commits what came of a page and moves the chunk's cursor behind it, in one transaction. */
  commitPage(page: CommitPage): Promise<CommitPageOutcome>;

  /**
   * Records attempts at deliveries with a row of their own; those of a lease that is not the last are left out. A `gone`
   * marks its device, if that still has the endpoint which answered; so does the last of several `rejected` (see
   * `AttemptOutcome`). `accepted` drops what is on its way to that device of older messages with the same collapse
   * key; what of these is in flight and accepted after all is counted as `accepted`.
   * `retrying` drops the oldest that wait for the device beyond `MAX_WAITING_PER_DEVICE`.
   */
  recordResults(results: readonly AttemptResult[]): Promise<void>;

  /**
   * Takes deliveries whose time has come, or whose lease is over, at most `limit`, and says when the next one is due (null:
   * none waits). Those whose device changed hands or went are dropped instead; those of paused messages wait.
   */
  takeDue(request: {
    readonly now: number;
    readonly limit: number;
    readonly leaseMs: number;
  }): Promise<{ readonly deliveries: readonly Delivery[]; readonly nextDueAt: number | null }>;

  /**
   * Gives back all that was leased through this store and not ended, due at once; answers how much there was. At its start,
   * a store that nobody shares gives back what a dead process had.
   */
  releaseLeases(): Promise<number>;

  /** How far a message is; undefined for an unknown one. */
  messageStatus(id: MessageId): Promise<MessageStatus | undefined>;

  changeMessage(request: {
    readonly id: MessageId;
    readonly change: MessageChange;
    readonly now: number;
  }): Promise<MessageChangeOutcome>;

  /**
   * Holds the date against the last that this store has seen, and keeps it. Whoever deletes or gives up what is old asks this
   * first, and at its start before anything else.
   */
  checkDate(request: CheckDate): Promise<DateCheck>;

  /**
   * Deletes what is older than it needs to be, at most `limit` rows a call, and returns how many, or `limit` where it has not looked
   * through all topics yet. It deletes topics without members; messages that ended `keepEndedMs` ago, with their ledgers and receipts; devices that are gone, and secrets that are retired, for `keepGoneMs`; idempotency keys after `IDEMPOTENCY_MS`. A
   * store with a clock of its own counts by that, and not by `steadyNow`. Not to be called where the date jumped, see `checkDate`.
   */
  purge(request: Purge): Promise<number>;

  /** The store's own VAPID keys: the newest, or, in a store without any, `candidate`, which is kept from then on. */
  ensureVapidKeys(request: { readonly candidate: VapidKeys; readonly now: number }): Promise<VapidKeys>;

  /** Adds a pair, the newest from then on; adding one that is there changes nothing. */
  addVapidKeys(request: { readonly keys: VapidKeys; readonly now: number }): Promise<void>;

  /** All VAPID keys kept here, newest first. */
  vapidKeys(): Promise<readonly VapidKeys[]>;

  /** The VAPID keys that live devices subscribed with. */
  vapidKeysInUse(): Promise<readonly VapidPublicKey[]>;

  /**
   * Calls back when another process may have put work into this store, and every few seconds, since one that dies tells
   * nobody; the function it answers ends that.
   */
  onWork(listener: () => void): () => void;

  /**
   * Calls back with what was withdrawn: what this process has taken of it must not be sent. A shared store tells it with the commit,
   * also to the process whose call withdrew it. Returns a function that ends that.
   *
   * @param taken Returns what this process has taken. The store asks it when its connection was lost and is back, and looks up what
   *   of that was withdrawn meanwhile.
   */
  onWithdrawal(listener: (withdrawal: Withdrawal) => void, taken: () => Iterable<TakenDelivery>): () => void;

  /** Finishes what was asked before, then closes. Calls after it reject with `store-closed`. */
  close(): Promise<void>;
}

/** What a store needs of the process that opens it. */
export interface StoreEffects {
  /**
   * Is called once for each fault of the store itself, such as a file that was replaced. After `store-newer` and `store-replaced`
   * the store cannot be used any more: its calls reject with the same code. It must not throw.
   */
  onFault?(fault: StoreError): void;
  /** A monotonic clock, in milliseconds. Default: the one of the process. */
  elapsed?(): number;
}

export interface Purge {
  readonly steadyNow: number;
  readonly keepEndedMs: number;
  readonly keepGoneMs: number;
  readonly limit: number;
}

/** Opens a store, creating or migrating it as needed. */
export type OpenStore = (effects?: StoreEffects) => Promise<Store>;
