/**
 * `disk`: a call resolves when PostgreSQL has its commit on its disk. `database`: when PostgreSQL says so, which with
 * `synchronous_commit = off` or `fsync = off` is before that.
 */
export type Durability = 'disk' | 'database';

// It stands in each transaction, since behind a transaction pooler the next one may have another session. Only `off` loses what was
// acknowledged when a server dies. The other values wait for its disk, and differ in what they wait for of standbys.
const TO_DISK = "set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), true)";

/** A statement for a transaction: its commit waits for the disk. Together with BEGIN it costs about 16 µs. */
export const COMMIT_TO_DISK: string = `SELECT ${TO_DISK}`;

/**
 * A condition that is true, for one statement that is a transaction of its own: its commit waits for the disk. PostgreSQL
 * evaluates it once, before the first row, in about 3 µs.
 */
export function isCommittedToDisk(durability: Durability): string {
  switch (durability) {
    case 'disk':
      return `(SELECT ${TO_DISK} IS NOT NULL)`;
    case 'database':
      return '(SELECT true)';
  }
}
