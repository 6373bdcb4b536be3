import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { sqlite } from './sqlite.ts';

interface OpenInFolder {
  readonly folder: string;
  readonly path: string;
  readonly store: Store;
  /** What the store tells of later. */
  readonly faults: StoreError[];
}

/** Opens a store in a folder of its own. The caller closes the store and removes the folder. */
export async function openInFolder(): Promise<OpenInFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-store-'));
  const path = join(folder, 'belfry.db');
  const faults: StoreError[] = [];
  const store = await sqlite(path)({ onFault: (fault) => faults.push(fault) });
  return { folder, path, store, faults };
}
