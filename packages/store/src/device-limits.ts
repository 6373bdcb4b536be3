/** How much a user may have. */
export interface DeviceLimits {
  /** Live devices. */
  readonly maxDevices: number;
  /** Push services of live devices. Windows' is one, though it has a host for each region. */
  readonly maxPushServices: number;
}

/** A save removes no more than this; a user who had far more before there was a limit has the rest removed by the next saves. */
export const MAX_REMOVED_AT_ONCE = 200;

/** SQL: the push service of a row of `devices`. */
export const PUSH_SERVICE_SQL = `
  CASE WHEN push_origin LIKE 'https://%.notify.windows.com' THEN 'https://notify.windows.com' ELSE push_origin END`;
