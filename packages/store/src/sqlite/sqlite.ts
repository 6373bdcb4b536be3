import { createEndedSessions } from '../ended-sessions.ts';
import { boundPending, MAX_PENDING_PROOFS } from '../bound-pending.ts';
import type { OpenStore, StoreEffects } from '../store.ts';
import { systemEffects } from './effects.ts';
import { unpackPage } from './packed-page.ts';
import { planInParts } from './plan-in-parts.ts';
import { openThreads } from './store-threads.ts';

/**
 * A store in one SQLite file, for one process; nothing is opened before the function it returns is called. The file is
 * in WAL mode with synchronous=FULL. One worker thread does all that writes and another reads the pages of broadcasts, so
 * the event loop never waits for a disk, nor a write for a long read.
 *
 * @param path the database file, made if it is not there; its folder must exist
 * @throws {StoreError} on opening: `store-in-use`, `store-newer`, `store-failed`; its methods reject with `store-replaced` once
 * the file or its WAL was moved, replaced, overwritten, truncated or deleted
 * @example
 * const belfry = await createBelfry({ store: sqlite('belfry.db'), … });
 */
export function sqlite(path: string): OpenStore {
  return async ({ onFault = () => {}, elapsed = systemEffects.elapsed }: StoreEffects = {}) => {
    const listeners = new Set<() => void>();
    const onReopened = (): void => listeners.forEach((listener) => listener());
    const { writer, reads } = await openThreads(path, { onFault, onReopened });
    const endedSessions = createEndedSessions(elapsed);
    return {
      async saveDevice(device) {
        const { requestAgeMs = 0, ...saved } = device;
        const { sessionId } = saved;
        if (sessionId !== null && endedSessions.hasEnded(sessionId, requestAgeMs)) return { outcome: 'session-ended' };
        return await writer.call('saveDevice', saved);
      },
      resubscribeDevice: (request) => writer.call('resubscribeDevice', request),
      proveDevice: boundPending((proof) => reads.call('proveDevice', proof), MAX_PENDING_PROOFS),
      removeDevice: (request) => writer.call('removeDevice', request),
      // The thread takes calls in order: what was saved before is there to be removed.
      async endSession(request) {
        endedSessions.add(request.sessionId);
        return await writer.call('endSession', request);
      },
      saveReceipts: (request) => writer.call('saveReceipts', request),
      devicesOfUser: (userId, limit) => writer.call('devicesOfUser', { userId, limit }),
      joinTopic: (membership) => writer.call('joinTopic', membership),
      leaveTopic: (membership) => writer.call('leaveTopic', membership),
      topicsOf: (member) => writer.call('topicsOf', member),
      enqueueMessage: (message) => writer.call('enqueueMessage', message),
      messagesToPlan: (request) => writer.call('messagesToPlan', request),
      timeZones: () => reads.call('timeZones', undefined),
      planMessage: planInParts((part) => writer.call('planMessage', part)),
      leaseChunks: (request) => writer.call('leaseChunks', request),
      readPage: async (request) => unpackPage(await reads.call('readPage', request)),
      commitPage: (page) => writer.call('commitPage', page),
      recordResults: (results) => writer.call('recordResults', results),
      takeDue: (request) => writer.call('takeDue', request),
      releaseLeases: () => writer.call('releaseLeases', undefined),
      messageStatus: (id) => reads.call('messageStatus', id),
      async changeMessage(request) {
        const { outcome, ...changed } = await writer.call('changeMessage', request);
        for (let { isMore } = changed; isMore; ) ({ isMore } = await writer.call('changeMessage', request));
        return outcome;
      },
      checkDate: (request) => writer.call('checkDate', request),
      purge: (request) => writer.call('purge', request),
      ensureVapidKeys: (request) => writer.call('ensureVapidKeys', request),
      addVapidKeys: (request) => writer.call('addVapidKeys', request),
      vapidKeys: () => writer.call('vapidKeys', undefined),
      vapidKeysInUse: () => writer.call('vapidKeysInUse', undefined),
      // No other process has this store. What its own thread had when it broke down is given back.
      onWork(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      onWithdrawal: () => () => {},
      async close() {
        // The writer last: it is the last connection that empties and removes the WAL.
        if (reads !== writer) await reads.close();
        await writer.close();
      },
    };
  };
}
