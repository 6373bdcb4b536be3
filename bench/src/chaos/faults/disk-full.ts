import { setTimeout } from 'node:timers/promises';
import type { FaultKind } from '../fault-kind.ts';
import { limitOf } from './limit-of.ts';

const FAULT_MS = 2000;
/** Below the size of the database, above that of a log and a black box. */
const LIMIT_BYTES = 64 * 1024;

/** Each write beyond a size fails, as on a disk that is full, with an error instead of a place. */
export const diskFull: FaultKind = {
  words: 'the disk full',
  engines: ['sqlite'],
  async inject({ senders, sender }) {
    await senders.hold(sender, async ({ pid }) => {
      const unlimited = await limitOf(pid, { resource: 'fsize', soft: LIMIT_BYTES });
      await setTimeout(FAULT_MS);
      await unlimited();
    });
    return 0;
  },
};
