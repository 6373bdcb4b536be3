/**
 * Open deliveries that one call ends, where a device was removed or changed hands. The rest are dropped when they are due, since their
 * binding is no live device's any more. On SQLite, 20,000 in one transaction held all other writes for 2 seconds; 500 take 10 ms.
 */
export const MAX_DROPPED_AT_ONCE = 500;

/**
 * Open deliveries of one device. A new one drops the oldest that wait beyond these, so a device whose push service never answers does
 * not gather them until their TTL is over. FCM keeps 100 messages for a device.
 */
export const MAX_WAITING_PER_DEVICE = 1_000;
