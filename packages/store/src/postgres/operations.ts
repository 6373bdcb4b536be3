import type { Store } from '../store.ts';
import type { Database } from './database.ts';
import type { DeviceQueue } from './device-queue.ts';
import { prepareChangeDevices } from './operations/change-devices.ts';
import { prepareChangeMessage } from './operations/change-message.ts';
import { prepareCheckDate } from './operations/check-date.ts';
import { prepareCommitPage } from './operations/commit-page.ts';
import { prepareDevicesOfUser } from './operations/devices-of-user.ts';
import { prepareEndSession } from './operations/end-session.ts';
import { prepareEnqueueMessage } from './operations/enqueue-message.ts';
import { prepareLeaseChunks } from './operations/lease-chunks.ts';
import { prepareMessageStatus } from './operations/message-status.ts';
import { prepareMessagesToPlan } from './operations/messages-to-plan.ts';
import { preparePlanMessage } from './operations/plan-message.ts';
import { prepareProveDevice } from './operations/prove-device.ts';
import { preparePurge } from './operations/purge.ts';
import { prepareReadPage } from './operations/read-page.ts';
import { prepareRecordResults } from './operations/record-results.ts';
import { prepareReleaseLeases } from './operations/release-leases.ts';
import { prepareRemoveDevice } from './operations/remove-device.ts';
import { prepareResubscribeDevice } from './operations/resubscribe-device.ts';
import { prepareSaveDevice } from './operations/save-device.ts';
import { prepareSaveReceipts } from './operations/save-receipts.ts';
import { prepareTakeDue } from './operations/take-due.ts';
import { prepareTimeZones } from './operations/time-zones.ts';
import { prepareJoinTopic, prepareLeaveTopic, prepareTopicsOf } from './operations/topics.ts';
import {
  prepareAddVapidKeys,
  prepareEnsureVapidKeys,
  prepareVapidKeys,
  prepareVapidKeysInUse,
} from './operations/vapid-keys.ts';
import type { Withdrawals } from './withdrawals.ts';

/** The methods of `Store` that are queries. */
export type Operations = Omit<Store, 'onWork' | 'onWithdrawal' | 'close'>;

export interface OperationsOptions {
  readonly database: Database;
  /** The same database, over connections that only `proveDevice` uses. */
  readonly proofs: Database;
  readonly deviceQueue: DeviceQueue;
  readonly withdrawals: Withdrawals;
  readonly onWork: () => void;
  /** See `StoreEffects`. */
  readonly elapsed: () => number;
}

/** Names every statement of the store, once; each connection prepares those that it comes to run. */
export function prepareOperations({
  database,
  proofs,
  deviceQueue,
  withdrawals,
  onWork,
  elapsed,
}: OperationsOptions): Operations {
  const changeDevices = prepareChangeDevices({ database, queue: deviceQueue, withdrawals });
  return {
    saveDevice: prepareSaveDevice({ database, changeDevices, elapsed }),
    resubscribeDevice: prepareResubscribeDevice(database, changeDevices),
    proveDevice: prepareProveDevice(proofs),
    removeDevice: prepareRemoveDevice(database, changeDevices),
    endSession: prepareEndSession(database, changeDevices),
    saveReceipts: prepareSaveReceipts(database, deviceQueue),
    devicesOfUser: prepareDevicesOfUser(database),
    joinTopic: prepareJoinTopic(database),
    leaveTopic: prepareLeaveTopic(database),
    topicsOf: prepareTopicsOf(database),
    enqueueMessage: prepareEnqueueMessage(database, onWork),
    messagesToPlan: prepareMessagesToPlan(database),
    timeZones: prepareTimeZones(database),
    planMessage: preparePlanMessage(database),
    leaseChunks: prepareLeaseChunks(database),
    readPage: prepareReadPage(database),
    commitPage: prepareCommitPage(database),
    recordResults: prepareRecordResults(database),
    takeDue: prepareTakeDue(database),
    releaseLeases: prepareReleaseLeases(database),
    messageStatus: prepareMessageStatus(database),
    changeMessage: prepareChangeMessage({ database, withdrawals, onResumed: onWork }),
    checkDate: prepareCheckDate(database),
    purge: preparePurge(database),
    ensureVapidKeys: prepareEnsureVapidKeys(database),
    addVapidKeys: prepareAddVapidKeys(database),
    vapidKeys: prepareVapidKeys(database),
    vapidKeysInUse: prepareVapidKeysInUse(database),
  };
}
