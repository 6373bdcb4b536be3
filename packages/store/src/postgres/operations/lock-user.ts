import type { Database, Transaction } from '../database.ts';

/**
 * Until the transaction ends, others that save a device of the same user wait. It comes before any lock on a row: two transactions
 * that first lock a row and then the user wait for each other where the limits make one of them remove the other's devices.
 */
export function prepareLockUser(database: Database): (transaction: Transaction, user: number) => Promise<void> {
  // A lock on two numbers is never one on a secret's hash, which is a lock on one.
  const lock = database.prepare('SELECT pg_advisory_xact_lock(1, ($1::BIGINT % 2147483647)::INTEGER)');
  return async ({ rows }, user) => {
    await rows(lock, user);
  };
}
