import type { DatabaseSync } from 'node:sqlite';

/**
 * Two migrations were edited after stores had run them: 0003 got the index `deliveries_open`, and 0004 renamed `key_mismatch_at`.
 * Stores of before have the number of those migrations and lack their effect.
 *
 * @param seen how many migrations the store says to have run
 * @returns what gives it the same schema as all others; empty where nothing is missing
 */
export function repairsOf(database: DatabaseSync, seen: number): readonly string[] {
  const repairs: string[] = [];
  const has = (sql: string): boolean => database.prepare(sql).get() !== undefined;
  if (seen >= 3 && !has("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'deliveries_open'")) {
    repairs.push("CREATE INDEX deliveries_open ON deliveries (seq) WHERE state IN ('sending', 'retrying')");
  }
  if (seen >= 4 && has("SELECT 1 FROM pragma_table_info('devices') WHERE name = 'key_mismatch_at'")) {
    repairs.push('ALTER TABLE devices RENAME COLUMN key_mismatch_at TO refused_at');
  }
  return repairs;
}
