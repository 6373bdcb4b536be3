/** How much a user may have. */
export interface DeviceLimits {
  /** Live devices. */
  readonly maxDevices: number;
  /** Push services of live devices. Windows' is one, though it has a host for each region. */
  readonly maxPushServices: number;
  /** Devices that are gone. The ones that have been for the longest are deleted first. */
  readonly maxGoneDevices: number;
}

/** A save removes no more than this; a user who had far more before there was a limit has the rest removed by the next saves. */
export const MAX_REMOVED_AT_ONCE = 200;

/**
 * Secrets that are retired, of one user; the newest are kept. A user who makes a new secret a second would fill the disk.
 *
 * Nobody gains by making their own old ones fall out. With a forgotten secret, a user can save a device of their own, as with any
 * fresh secret. It proves nothing for a device that has another, and the device of a next user has another public id, which nobody
 * else knows. What falls out is only the answer to a request that arrives late; it comes within minutes, and a browser that
 * changes hands retires one or two secrets. Nobody makes another user's fall out: a secret counts for the user whose device had it.
 * Where another user sent it, it counts for that one, since their browser may still have it.
 */
export const MAX_RETIRED_SECRETS_PER_USER = 100;

/** SQL: the push service of a row of `devices`. */
export const PUSH_SERVICE_SQL = `
  CASE WHEN push_origin LIKE 'https://%.notify.windows.com' THEN 'https://notify.windows.com' ELSE push_origin END`;
