import { StoreError } from '../errors.ts';
import type { Durability } from './commit-to-disk.ts';
import type { Database } from './database.ts';

/**
 * Refuses a server that cannot keep what this store promises. Other settings of the role or the database do no harm: transactions
 * set their own isolation and timeouts, every table is named with its schema, and a statement that exceeds a timeout fails.
 */
export async function checkSettings(database: Database, durability: Durability): Promise<void> {
  const settings = database.once("SELECT current_setting('fsync'), current_setting('transaction_read_only')");
  const [[fsync, readOnly] = []] = await database.read(settings);
  if (readOnly === 'on') {
    throw new StoreError(
      'store-failed',
      'PostgreSQL takes no writes here (transaction_read_only = on): it is a standby, or default_transaction_read_only is ' +
        'set for the role or the database',
    );
  }
  if (fsync === 'off' && durability === 'disk') {
    throw new StoreError(
      'store-failed',
      "PostgreSQL runs with fsync = off, so what it has committed may be lost: set it to on, or pass durability: 'database'",
    );
  }
}
