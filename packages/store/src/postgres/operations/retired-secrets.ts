import type { SecretStanding } from '../../device.ts';
import { MAX_REMOVED_AT_ONCE, MAX_RETIRED_SECRETS_PER_USER } from '../../device-limits.ts';
import type { Database, Transaction } from '../database.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

export interface RetiredSecrets {
  standing(transaction: Transaction, secretHash: Uint8Array, user: number): Promise<SecretStanding>;
  /** No device has these secrets from now on, and none may have them again. */
  retire(transaction: Transaction, retired: Retire): Promise<void>;
}

/** A secret, and the user whose device had it, or who sent it. */
export interface SecretOfUser {
  readonly secretHash: Uint8Array;
  readonly user: number;
}

interface Retire {
  readonly secrets: readonly SecretOfUser[];
  readonly now: number;
}

/** SQL: a secret's hash is not retired. Whatever a device's secret proves asks for this too. */
export function isUnretired(secretHash: string): string {
  return `NOT EXISTS (SELECT 1 FROM belfry.retired_secrets t WHERE t.secret_hash = ${secretHash})`;
}

/** SQL: no device has the hash of `retired_secrets` still. Of the others it must be known for as long as that they are retired. */
export const IS_CARRIED_BY_NONE = `
  NOT EXISTS (SELECT 1 FROM belfry.devices c WHERE c.secret_hash = retired_secrets.secret_hash)`;

/** What is known of secrets that device rows had before, and of those that several users know. */
export function prepareRetiredSecrets(database: Database): RetiredSecrets {
  // One statement, and so one snapshot: a secret that another transaction retires meanwhile is seen either as retired or on the
  // device that still has it.
  const find = database.prepare(`
    SELECT EXISTS (SELECT 1 FROM belfry.retired_secrets WHERE secret_hash = $1),
      EXISTS (SELECT 1 FROM belfry.devices WHERE secret_hash = $1 AND user_id <> $2)`);
  const keep = database.prepare(`
    INSERT INTO belfry.retired_secrets (secret_hash, user_id, retired_at)
    SELECT r.secret_hash, min(r.user_id), greatest($3::BIGINT, ${NO_EARLIER_THAN_TRUSTED})
    FROM unnest($1::BYTEA[], $2::BIGINT[]) AS r (secret_hash, user_id) GROUP BY 1 ORDER BY 1
    ON CONFLICT (secret_hash) DO UPDATE SET retired_at = excluded.retired_at, user_id = excluded.user_id`);
  const trim = database.prepare(`
    DELETE FROM belfry.retired_secrets WHERE secret_hash <> ALL ($1::BYTEA[]) AND secret_hash IN (
      SELECT o.secret_hash FROM unnest($2::BIGINT[]) AS u (id) CROSS JOIN LATERAL (
        SELECT secret_hash FROM belfry.retired_secrets WHERE user_id = u.id
        ORDER BY retired_at DESC LIMIT ${MAX_REMOVED_AT_ONCE} OFFSET ${MAX_RETIRED_SECRETS_PER_USER}
        FOR UPDATE SKIP LOCKED) AS o)
      AND ${IS_CARRIED_BY_NONE}`);
  // Rows that another transaction has are passed over, as two would wait for each other's: with one secret on 50 devices, 50 saves
  // at once were repeated until some failed. A row that keeps its hash proves nothing, see `isUnretired`.
  const forget = database.prepare(`
    UPDATE belfry.devices SET secret_hash = NULL WHERE id IN (
      SELECT id FROM belfry.devices WHERE secret_hash = ANY ($1::BYTEA[]) ORDER BY id FOR UPDATE SKIP LOCKED)`);
  return {
    async standing({ rows }, secretHash, user) {
      const [found] = await rows(find, secretHash, user);
      const [isRetired, isShared] = found ?? [];
      return isRetired === true ? 'retired' : isShared === true ? 'shared' : 'usable';
    },
    async retire({ rows }, { secrets, now }) {
      if (secrets.length === 0) return;
      const secretHashes = secrets.map(({ secretHash }) => secretHash);
      const users = secrets.map(({ user }) => user);
      await rows(keep, secretHashes, users, now);
      await rows(trim, secretHashes, users);
      await rows(forget, secretHashes);
    },
  };
}
