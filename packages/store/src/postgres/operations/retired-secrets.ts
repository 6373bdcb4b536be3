import type { SecretStanding } from '../../device.ts';
import type { Database, Transaction } from '../database.ts';

export interface RetiredSecrets {
  standing(transaction: Transaction, secretHash: Uint8Array, user: number): Promise<SecretStanding>;
  /** No device has these secrets from now on, and none may have them again. */
  retire(transaction: Transaction, retired: Retire): Promise<void>;
}

interface Retire {
  readonly secretHashes: readonly Uint8Array[];
  readonly now: number;
}

/** What is known of secrets that device rows had before, and of those that several users know. */
export function prepareRetiredSecrets(database: Database): RetiredSecrets {
  // One statement, and so one snapshot: a secret that another transaction retires meanwhile is seen either as retired or on the
  // device that still has it.
  const find = database.prepare(`
    SELECT EXISTS (SELECT 1 FROM belfry.retired_secrets WHERE secret_hash = $1),
      EXISTS (SELECT 1 FROM belfry.devices WHERE secret_hash = $1 AND user_id <> $2)`);
  const keep = database.prepare(`
    INSERT INTO belfry.retired_secrets (secret_hash, retired_at)
    SELECT DISTINCT r.secret_hash, greatest($2::BIGINT, (SELECT belfry.clock_ms())) FROM unnest($1::BYTEA[]) AS r (secret_hash) ORDER BY 1
    ON CONFLICT (secret_hash) DO UPDATE SET retired_at = excluded.retired_at`);
  const forget = database.prepare('UPDATE belfry.devices SET secret_hash = NULL WHERE secret_hash = ANY ($1::BYTEA[])');
  return {
    async standing({ rows }, secretHash, user) {
      const [found] = await rows(find, secretHash, user);
      const [isRetired, isShared] = found ?? [];
      return isRetired === true ? 'retired' : isShared === true ? 'shared' : 'usable';
    },
    async retire({ rows }, { secretHashes, now }) {
      if (secretHashes.length === 0) return;
      await rows(keep, secretHashes, now);
      await rows(forget, secretHashes);
    },
  };
}
