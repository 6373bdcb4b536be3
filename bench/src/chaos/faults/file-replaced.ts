import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { FaultKind } from '../fault-kind.ts';
import { databasePath } from './database-path.ts';

const POLL_MS = 50;
const PATIENCE_MS = 30_000;

/**
 * Another file is put in the place of the database. The sender stores nothing any more, and is killed. The database comes back,
 * with all that was acknowledged, and another sender goes on with it.
 */
export const fileReplaced: FaultKind = {
  words: 'the file replaced',
  engines: ['sqlite'],
  async inject({ store, senders, sender }) {
    const path = databasePath(store);
    await senders.hold(sender, async ({ process }) => {
      renameSync(path, `${path}-moved`);
      writeFileSync(path, 'not the database');
      try {
        const giveUpAt = Date.now() + PATIENCE_MS;
        const fails = (): Promise<boolean> =>
          process.call('status', 'of no message').then(
            () => false,
            (error: unknown) => String(error).includes('while the store was open'),
          );
        while (!(await fails())) {
          if (Date.now() > giveUpAt) throw new Error('The sender did not notice that its file was replaced');
          await setTimeout(POLL_MS);
        }
      } finally {
        renameSync(`${path}-moved`, path);
      }
    });
    return await senders.kill(sender);
  },
};
