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
 * SQL for the end of a row whose time has come: nothing is left of a TTL but the TTL. More is left where the clock was set back
 * while the row was being sent.
 *
 * @param toleranceMs by how much the clocks of processes may differ
 */
export function cappedExpirySql({ messages, row, now }: ExpirySqlOptions, toleranceMs: number): string {
  return `(SELECT CASE WHEN ${row}.expires_at > ${now} + m.ttl_ms + ${toleranceMs} THEN ${now} + m.ttl_ms
    ELSE ${row}.expires_at END FROM ${messages} m WHERE m.seq = ${row}.seq)`;
}
