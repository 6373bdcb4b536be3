import type { DatabaseSync } from 'node:sqlite';
import { prepareDevicesOfUser } from './operations/devices-of-user.ts';
import { prepareEnqueueMessage } from './operations/enqueue-message.ts';
import { prepareMessageStatus } from './operations/message-status.ts';
import { prepareRecordResults } from './operations/record-results.ts';
import { prepareRecoverInterrupted } from './operations/recover-interrupted.ts';
import { prepareRemoveDevice } from './operations/remove-device.ts';
import { prepareSaveDevice } from './operations/save-device.ts';
import { prepareTakeDue } from './operations/take-due.ts';
import { prepareEnsureVapidKeys, prepareVapidKeys, prepareVapidKeysInUse } from './operations/vapid-keys.ts';
import type { Operations } from './thread-messages.ts';

/** Prepares every statement of the store, once. */
export function prepareOperations(database: DatabaseSync): Operations {
  return {
    saveDevice: prepareSaveDevice(database),
    removeDevice: prepareRemoveDevice(database),
    devicesOfUser: prepareDevicesOfUser(database),
    enqueueMessage: prepareEnqueueMessage(database),
    recordResults: prepareRecordResults(database),
    recoverInterrupted: prepareRecoverInterrupted(database),
    takeDue: prepareTakeDue(database),
    messageStatus: prepareMessageStatus(database),
    ensureVapidKeys: prepareEnsureVapidKeys(database),
    vapidKeys: prepareVapidKeys(database),
    vapidKeysInUse: prepareVapidKeysInUse(database),
  };
}
