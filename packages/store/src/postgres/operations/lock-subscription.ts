import type { Endpoint } from '@belfry/protocol';
import type { Database, Transaction } from '../database.ts';

/**
 * Until the transaction ends, others that save the same subscription by another of its endpoints wait: the unique index compares
 * the text only. It comes behind the locks on secret and user, and before any lock on a device.
 */
export function prepareLockSubscription(
  database: Database,
): (transaction: Transaction, spellings: readonly Endpoint[]) => Promise<void> {
  // The locks on users and sessions begin with 1 and 2.
  const lock = database.prepare('SELECT pg_advisory_xact_lock(3, hashtext($1))');
  return async ({ rows }, spellings) => {
    const [first] = spellings;
    // The index suffices for a subscription with one endpoint.
    if (first !== undefined && spellings.length > 1) await rows(lock, first);
  };
}
