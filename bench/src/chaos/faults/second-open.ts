import { storeAt } from '../../store/store-location.ts';
import type { FaultKind } from '../inject-fault.ts';

/** The file is opened again, by the process that has it and by another one. Both are refused, and the owner goes on. */
export const secondOpen: FaultKind = {
  words: 'the file opened twice',
  engines: ['sqlite'],
  async inject({ store, senders }) {
    const inSameProcess = await senders.ask((sender) => sender.call('openAgain', store));
    const inAnother = await storeAt(store)().then(
      async (opened) => {
        await opened.close();
        return 'opened';
      },
      (error: unknown) => String(error),
    );
    for (const answer of [inSameProcess, inAnother]) {
      if (!answer.includes('has this SQLite store open')) throw new Error(`A second open was not refused: ${answer}`);
    }
    return 0;
  },
};
