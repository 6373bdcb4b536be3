import type { StoreLocation } from '../../store/store-location.ts';

export function databasePath(store: StoreLocation): string {
  if (store.engine !== 'sqlite') throw new TypeError('only SQLite has a file');
  return store.path;
}
