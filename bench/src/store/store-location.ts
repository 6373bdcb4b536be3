import type { OpenStore } from '@belfry/store';
import { postgres } from '@belfry/store/postgres';
import { sqlite } from '@belfry/store/sqlite';

export type Engine = 'sqlite' | 'postgres';

/** A store, as it is told to a process. */
export type StoreLocation =
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly schema: string };

export function storeAt(location: StoreLocation): OpenStore {
  switch (location.engine) {
    case 'sqlite':
      return sqlite(location.path);
    case 'postgres':
      return postgres(location);
  }
}
