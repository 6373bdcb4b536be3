import { existsSync } from 'node:fs';
import { type OpenStore, StoreError } from '@belfry/store';
import { postgres } from '@belfry/store/postgres';
import { sqlite } from '@belfry/store/sqlite';
import { type Command, Option } from 'commander';

export interface ConfirmDateCommandOptions {
  readonly writeOut: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Flags {
  readonly store?: string;
  readonly url?: string;
  readonly schema: string;
}

/** Adds `belfry confirm-date`, which says that the date is right after a server was off for long. */
export function confirmDateCommand(program: Command, { writeOut, now }: ConfirmDateCommandOptions): void {
  program
    .command('confirm-date')
    .description(
      'say that the date of this machine, or of PostgreSQL, is right, after the fault date-jumped or date-behind',
    )
    .addOption(new Option('--store <file>', 'a SQLite store that no server has open').conflicts('url'))
    .addOption(new Option('--url <url>', 'postgres://user@host/database; the password may be in PGPASSWORD'))
    .option('--schema <name>', 'where the store is in PostgreSQL', 'belfry')
    .action(async (flags: Flags) => writeOut(await confirmDate(flags, now())));
}

async function confirmDate(flags: Flags, ownNow: number): Promise<string> {
  const store = await openerOf(flags)();
  try {
    const { now } = await store.checkDate({ now: ownNow, steadyNow: null, isConfirmed: true });
    return `Confirmed: it is ${new Date(now).toISOString()}\n`;
  } finally {
    await store.close();
  }
}

function openerOf({ store, url, schema }: Flags): OpenStore {
  if (url !== undefined) return postgres({ url, schema });
  if (store === undefined)
    throw new StoreError('store-failed', 'Say which store: --store belfry.db, or --url postgres://…');
  // Opening it would make it.
  if (!existsSync(store)) throw new StoreError('store-failed', `There is no file ${store}`);
  return sqlite(store);
}
