import type { DatabaseSync } from 'node:sqlite';
import { prepareMessageStatus } from './operations/message-status.ts';
import { prepareProveDevice } from './operations/prove-device.ts';
import { prepareReadPage } from './operations/read-page.ts';
import { prepareTimeZones } from './operations/time-zones.ts';
import type { Operations, ReadName } from './thread-messages.ts';

/** Prepares the statements of the thread that reads. */
export function prepareReads(database: DatabaseSync): Operations<ReadName> {
  return {
    readPage: prepareReadPage(database),
    timeZones: prepareTimeZones(database),
    proveDevice: prepareProveDevice(database),
    messageStatus: prepareMessageStatus(database),
  };
}
