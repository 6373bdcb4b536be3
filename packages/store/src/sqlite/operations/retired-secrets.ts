import type { DatabaseSync } from 'node:sqlite';
import type { SecretStanding } from '../../device.ts';
import { text } from '../row.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

export interface RetiredSecrets {
  standing(secretHash: Uint8Array, user: number): SecretStanding;
  /** No device has this secret from now on, and none may have it again. */
  retire(secretHash: Uint8Array, now: number): void;
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
    INSERT OR REPLACE INTO retired_secrets (secret_hash, retired_at)
    VALUES (:secretHash, ${NO_EARLIER_THAN_TRUSTED})`);
  const forget = database.prepare('UPDATE devices SET secret_hash = NULL WHERE secret_hash = ?');
  return {
    standing(secretHash, user) {
      const standing = text(find.get({ secretHash, user }) ?? {}, 'standing');
      return standing === 'retired' || standing === 'shared' ? standing : 'usable';
    },
    retire(secretHash, now) {
      keep.run({ secretHash, now });
      forget.run(secretHash);
    },
  };
}
