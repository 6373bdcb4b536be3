export interface ExpirySqlOptions {
  /** The table of messages, with its schema. */
  readonly messages: string;
  /** The name of the row's table in the statement: of `deliveries` or `chunks`. */
  readonly row: string;
  /** SQL, such as a parameter. */
  readonly now: string;
}

/**
 * SQL for the end of a row that was written before the clock was set back: what was left of the TTL then is left from now on.
 * An end that the application named as a time (`expiresAt`) is a time of day, and stays.
 */
export function restartedExpirySql({ messages, row, now }: ExpirySqlOptions): string {
  return `(SELECT CASE
    WHEN ${row}.expires_at = m.expires_at OR ${row}.expires_at < ${row}.held_at THEN ${row}.expires_at
    ELSE ${now} + ${row}.expires_at - ${row}.held_at END FROM ${messages} m WHERE m.seq = ${row}.seq)`;
}

/**
 * The same where processes share the store, and one of an older version may have written times of its own clock. At least as
 * much is left as the message's own times say: the clock of another process may have been wrong only when it wrote the row.
 * Without that bound, two processes whose clocks were three days apart took three days from the row by turns, and after ten
 * turns nothing was left of 28 days.
 */
export function restartedSharedExpirySql({ messages, row, now }: ExpirySqlOptions): string {
  return `(SELECT CASE
      WHEN ${row}.expires_at = named_end OR ${row}.expires_at < ${row}.held_at THEN ${row}.expires_at
      WHEN ${row}.expires_at - ${row}.held_at > least_left THEN ${now} + ${row}.expires_at - ${row}.held_at
      ELSE ${now} + least_left END
    FROM (
      SELECT expires_at AS named_end, CASE
        WHEN begins_at <= ${now} THEN begins_at + ttl_ms - ${now}
        WHEN begins_at <= ${row}.held_at THEN begins_at + ttl_ms - ${row}.held_at
        ELSE ttl_ms END AS least_left
      FROM (
        SELECT expires_at, ttl_ms, CASE WHEN run_at > created_at THEN run_at ELSE created_at END AS begins_at
        FROM ${messages} WHERE seq = ${row}.seq
      ) AS times
    ) AS message)`;
}

/**
 * SQL for the end of a row whose time has come: nothing is left of a TTL but the TTL. More is left where the clock was set back
 * while the row was being sent.
 *
 * @param toleranceMs by how much the clocks of processes may differ
 */
export function cappedExpirySql({ messages, row, now }: ExpirySqlOptions, toleranceMs: number): string {
  return `(SELECT CASE WHEN ${row}.expires_at > ${now} + m.ttl_ms + ${toleranceMs} THEN ${now} + m.ttl_ms
    ELSE ${row}.expires_at END FROM ${messages} m WHERE m.seq = ${row}.seq)`;
}
