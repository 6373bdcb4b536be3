import { StoreError } from '../errors.ts';
import type { Database } from './database.ts';
import { demandsOf, newerSchema, SELECT_DEMANDS } from './schema-demands.ts';

/** Notices when a newer version has changed the schema so that this process cannot go on. */
export interface SchemaWatch {
  /** Why the store takes no more calls; undefined while all is well. */
  readonly lost: StoreError | undefined;
  /** Reads what newer versions demand. It never rejects: a database that does not respond says nothing about the schema. */
  look(): Promise<void>;
  /**
   * Throws the error of a call again. Where a table or column was missing, it first reads whether a newer version has changed the
   * schema: if so, the store is lost; if not, somebody else removed it, and may put it back (as a restore of a backup does).
   */
  rethrow(error: unknown): Promise<never>;
  /** Resolves when no look is under way. */
  settled(): Promise<void>;
}

export interface SchemaWatchOptions {
  readonly database: Database;
  /** The schema number that this version knows. */
  readonly known: number;
  /** Is called once. */
  onFault(fault: StoreError): void;
}

export function watchSchema({ database, known, onFault }: SchemaWatchOptions): SchemaWatch {
  const select = database.prepare(SELECT_DEMANDS);
  let lost: StoreError | undefined;
  let looking: Promise<void> | undefined;
  let schema = 0;

  return {
    get lost() {
      return lost;
    },
    look,
    async rethrow(error) {
      if (!(error instanceof StoreError) || error.code !== 'store-newer') throw error;
      await look();
      if (schema > known) lose();
      throw lost ?? new StoreError('store-failed', error.message);
    },
    settled: async () => await looking,
  };

  /** One at a time, however many calls fail together. */
  function look(): Promise<void> {
    looking ??= read().finally(() => (looking = undefined));
    return looking;
  }

  async function read(): Promise<void> {
    if (lost !== undefined) return;
    try {
      const demands = demandsOf(await database.read(select, known));
      schema = demands.schema;
      if (demands.oldestReader > known) lose();
    } catch {
      // The next look, or the next call that fails, reads it again.
    }
  }

  function lose(): void {
    if (lost !== undefined) return;
    lost = newerSchema({ schema, known });
    onFault(lost);
  }
}
