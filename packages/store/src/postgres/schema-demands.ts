import { StoreError } from '../errors.ts';
import { integer, type Row } from './row.ts';

/** What newer versions say of the schema. Both are 0 where no newer version has changed it. */
export interface SchemaDemands {
  /** The number of the newest migration. */
  readonly schema: number;
  /** The lowest schema number that a process must know to go on. */
  readonly oldestReader: number;
}

/** `$1` is the schema number that this version knows. A row without `oldest_reader` admits only processes that know its number. */
export const SELECT_DEMANDS = `
  SELECT coalesce(max(number), 0), coalesce(max(coalesce(oldest_reader, number)), 0) FROM belfry.migrations
  WHERE number > $1`;

export function demandsOf([row]: readonly Row[]): SchemaDemands {
  return { schema: integer(row?.[0]), oldestReader: integer(row?.[1]) };
}

export function newerSchema({ schema, known }: { readonly schema: number; readonly known: number }): StoreError {
  return new StoreError(
    'store-newer',
    `A newer version of Belfry has changed the store to schema ${schema}, and this version, which knows schema ${known}, ` +
      'cannot use it: start the newer version',
  );
}
