import type { Database, Transaction } from '../database.ts';

/**
 * Until the transaction ends, whoever has the same secret waits: what one browser says is done one after the other. A lock on its
 * row would not do, as there may be none yet.
 */
export function prepareLockSecret(
  database: Database,
): (transaction: Transaction, secretHash: Uint8Array) => Promise<void> {
  const lock = database.prepare('SELECT pg_advisory_xact_lock($1)');
  return async ({ rows }, secretHash) => {
    // An advisory lock is a number of 64 bits, which a secret's hash has plenty of.
    await rows(lock, Buffer.from(secretHash).readBigInt64BE().toString());
  };
}
