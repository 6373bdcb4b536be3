import { setTimeout } from 'node:timers/promises';
import type { FaultKind } from '../fault-kind.ts';
import { limitOf } from './limit-of.ts';

const FAULT_MS = 2000;

/** The thread that reads ends, and for a while the process has no descriptors to start another one, nor to connect. */
export const readerFailed: FaultKind = {
  words: 'the reading thread ended, and no descriptors',
  engines: ['sqlite'],
  async inject({ senders, sender }) {
    await senders.hold(sender, async ({ pid, process }) => {
      const unlimited = await limitOf(pid, { resource: 'nofile', soft: 3 });
      try {
        await process.call('endThreads', 'belfry-sqlite-reader');
        await setTimeout(FAULT_MS);
      } finally {
        await unlimited();
      }
    });
    return 0;
  },
};

/** What was leased is due again, so what the sender has under way may be sent twice. */
export const writerFailed: FaultKind = {
  words: 'the writing thread ended',
  engines: ['sqlite'],
  inject: ({ senders, sender }) =>
    senders.hold(sender, async ({ process, underWay }) => {
      const devices = underWay();
      const ended = await process.call('endThreads', 'belfry-sqlite-writer');
      if (ended === 0) throw new Error('There was no thread that writes');
      return Math.max(devices, underWay());
    }),
};
