import type { DatabaseSync } from 'node:sqlite';
import { prepareChangeMessage } from './operations/change-message.ts';
import { prepareCheckDate } from './operations/check-date.ts';
import { prepareCommitPage } from './operations/commit-page.ts';
import { prepareDevicesOfUser } from './operations/devices-of-user.ts';
import { prepareEndSession } from './operations/end-session.ts';
import { prepareEnqueueMessage } from './operations/enqueue-message.ts';
import { prepareLeaseChunks } from './operations/lease-chunks.ts';
import { prepareMessagesToPlan } from './operations/messages-to-plan.ts';
import { preparePlanMessage } from './operations/plan-message.ts';
import { preparePurge } from './operations/purge.ts';
import { prepareRecordResults } from './operations/record-results.ts';
import { prepareReleaseLeases } from './operations/release-leases.ts';
import { prepareRemoveDevice } from './operations/remove-device.ts';
import { prepareResubscribeDevice } from './operations/resubscribe-device.ts';
import { prepareSaveDevice } from './operations/save-device.ts';
import { prepareSaveReceipts } from './operations/save-receipts.ts';
import { prepareTakeDue } from './operations/take-due.ts';
import { prepareJoinTopic, prepareLeaveTopic, prepareTopicsOf } from './operations/topics.ts';
import {
  prepareAddVapidKeys,
  prepareEnsureVapidKeys,
  prepareVapidKeys,
  prepareVapidKeysInUse,
} from './operations/vapid-keys.ts';
import { prepareReads } from './reads.ts';
import type { Operations } from './thread-messages.ts';

/** Prepares every statement of the store, once. */
export function prepareOperations(database: DatabaseSync): Operations {
  return {
    ...prepareReads(database),
    saveDevice: prepareSaveDevice(database),
    resubscribeDevice: prepareResubscribeDevice(database),
    removeDevice: prepareRemoveDevice(database),
    endSession: prepareEndSession(database),
    saveReceipts: prepareSaveReceipts(database),
    devicesOfUser: prepareDevicesOfUser(database),
    joinTopic: prepareJoinTopic(database),
    leaveTopic: prepareLeaveTopic(database),
    topicsOf: prepareTopicsOf(database),
    enqueueMessage: prepareEnqueueMessage(database),
    messagesToPlan: prepareMessagesToPlan(database),
    planMessage: preparePlanMessage(database),
    leaseChunks: prepareLeaseChunks(database),
    commitPage: prepareCommitPage(database),
    recordResults: prepareRecordResults(database),
    takeDue: prepareTakeDue(database),
    releaseLeases: prepareReleaseLeases(database),
    changeMessage: prepareChangeMessage(database),
    checkDate: prepareCheckDate(database),
    purge: preparePurge(database),
    ensureVapidKeys: prepareEnsureVapidKeys(database),
    addVapidKeys: prepareAddVapidKeys(database),
    vapidKeys: prepareVapidKeys(database),
    vapidKeysInUse: prepareVapidKeysInUse(database),
  };
}
