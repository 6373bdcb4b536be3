import { rmSync, symlinkSync } from 'node:fs';
import { type StoreLocation, storeAt } from '../../store/store-location.ts';
import type { FaultKind } from '../fault-kind.ts';
import { databasePath } from './database-path.ts';

/** The file is opened again, by the process that has it and by another one. Both are refused, and the owner goes on. */
export const secondOpen: FaultKind = {
  words: 'the file opened twice',
  engines: ['sqlite'],
  async inject({ store, senders }) {
    // Held, since a sender that is killed meanwhile leaves the store to whoever comes first.
    await senders.hold(0, async ({ process }) => {
      refused(await process.call('openAgain', store));
      refused(await openHere(store));
    });
    return 0;
  },
};

/** The same through a symbolic link, and after the file that the owner locks was removed. */
export const symbolicLink: FaultKind = {
  words: 'the file opened through a link, without the owner file',
  engines: ['sqlite'],
  async inject({ store, senders }) {
    const path = databasePath(store);
    const link = { engine: 'sqlite', path: `${path}-link` } as const;
    symlinkSync(path, link.path);
    try {
      await senders.hold(0, async ({ process }) => {
        refused(await process.call('openAgain', link));
        refused(await openHere(link));
        rmSync(`${path}-owner`);
        refused(await openHere(link));
      });
    } finally {
      rmSync(link.path);
    }
    return 0;
  },
};

/** In this process: the text of the error. */
async function openHere(store: StoreLocation): Promise<string> {
  try {
    await (await storeAt(store)()).close();
    return 'opened';
  } catch (error) {
    return String(error);
  }
}

function refused(answer: string): void {
  if (!answer.includes('has this SQLite store open')) throw new Error(`A second open was not refused: ${answer}`);
}
