import type { DatabaseSync } from 'node:sqlite';
import type { SecretStanding } from '../../device.ts';
import { MAX_REMOVED_AT_ONCE, MAX_RETIRED_SECRETS_PER_USER } from '../../device-limits.ts';
import { text } from '../row.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

export interface RetiredSecrets {
  standing(secretHash: Uint8Array, user: number): SecretStanding;
  /** No device has this secret from now on, and none may have it again. */
  retire(retired: Retire): void;
}

interface Retire {
  readonly secretHash: Uint8Array;
  /** Whose device had it, or who sent it. */
  readonly user: number;
  readonly now: number;
}

/** What is known of secrets that device rows had before, and of those that several users know. */
export function prepareRetiredSecrets(database: DatabaseSync): RetiredSecrets {
  const find = database.prepare(`
    SELECT CASE
      WHEN EXISTS (SELECT 1 FROM retired_secrets WHERE secret_hash = :secretHash) THEN 'retired'
      WHEN EXISTS (SELECT 1 FROM devices WHERE secret_hash = :secretHash AND user_id <> :user) THEN 'shared'
      ELSE 'usable'
    END AS standing`);
  const keep = database.prepare(`
    INSERT OR REPLACE INTO retired_secrets (secret_hash, retired_at, user_id)
    VALUES (:secretHash, ${NO_EARLIER_THAN_TRUSTED}, :user)`);
  const trim = database.prepare(`
    DELETE FROM retired_secrets WHERE secret_hash <> :secretHash AND secret_hash IN (
      SELECT secret_hash FROM retired_secrets WHERE user_id = :user
      ORDER BY retired_at DESC LIMIT ${MAX_REMOVED_AT_ONCE} OFFSET ${MAX_RETIRED_SECRETS_PER_USER})`);
  const forget = database.prepare('UPDATE devices SET secret_hash = NULL WHERE secret_hash = ?');
  return {
    standing(secretHash, user) {
      const standing = text(find.get({ secretHash, user }) ?? {}, 'standing');
      return standing === 'retired' || standing === 'shared' ? standing : 'usable';
    },
    retire({ secretHash, user, now }) {
      keep.run({ secretHash, user, now });
      trim.run({ secretHash, user });
      forget.run(secretHash);
    },
  };
}
