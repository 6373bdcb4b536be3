import { type AttemptResult, type ChunkId, type MessageSeq, type Store, STRAGGLER_LEASE } from '@belfry/store';
import type { UnderWay } from './black-box.ts';

/** A chunk that is this process's. */
interface Leased {
  /** When its lease is over, by the world's clock. */
  until: number;
  /** How many devices are in the pages that were read and not committed: the first is being sent, one more is read ahead. */
  readonly pages: number[];
  readonly seq: MessageSeq;
}

/**
 * A store whose calls are passed on, and what is under way noted. The store's clock is the world's, so leases are as much
 * shorter as the sender's clock is faster.
 */
export function recordedStore(
  store: Store,
  { speed, note }: { readonly speed: number; note(underWay: UnderWay): void },
): Store {
  const chunks = new Map<ChunkId, Leased>();
  /** When the lease of a row that was taken up is over. */
  const rows = new Map<string, number>();
  let overrun = 0;
  const noteAll = (): void => {
    const pages = [...chunks.values()].reduce((sum, { pages: [page = 0] }) => sum + page, 0);
    note({ devices: pages + rows.size, overrun });
  };
  const scaled = (leaseMs: number): number => Math.ceil(leaseMs / speed);

  return {
    ...store,
    async leaseChunks(request) {
      const leaseMs = scaled(request.leaseMs);
      const until = Date.now() + leaseMs;
      const leased = await store.leaseChunks({ ...request, leaseMs });
      for (const { id, message } of leased.leases) chunks.set(id, { until, pages: [], seq: message.seq });
      return leased;
    },
    async readPage(request) {
      const devices = await store.readPage(request);
      chunks.get(request.chunkId)?.pages.push(devices.length);
      noteAll();
      return devices;
    },
    async commitPage(page) {
      const { chunkId } = page;
      const leaseMs = page.leaseMs === null ? null : scaled(page.leaseMs);
      const askedAt = Date.now();
      const results = page.results.map((result) =>
        result.state === 'sending' ? { ...result, leaseMs: scaled(result.leaseMs) } : result,
      );
      const chunk = chunks.get(chunkId);
      const leases = results
        .filter((result) => result.state === 'sending')
        .map(({ deviceId, leaseMs: rowLeaseMs }) => ({
          key: chunk && rowKey({ seq: chunk.seq, deviceId, lease: STRAGGLER_LEASE }),
          until: askedAt + rowLeaseMs,
        }));
      // The leases begin with the first call, which may be committed although its response is lost, and comes again then.
      for (const { key, until } of leases) if (key !== undefined && !rows.has(key)) rows.set(key, until);
      const outcome = await store.commitPage({ ...page, leaseMs, results });
      if (outcome === 'lost') for (const { key } of leases) if (key !== undefined) rows.delete(key);
      if (outcome !== 'continues') chunks.delete(chunkId);
      if (chunk === undefined) return outcome;
      const [devices = 0] = chunk.pages.splice(0, 1);
      if (outcome === 'lost' && Date.now() > chunk.until) overrun += devices;
      chunk.until = askedAt + (leaseMs ?? 0);
      noteAll();
      return outcome;
    },
    async takeDue(request) {
      const leaseMs = scaled(request.leaseMs);
      const until = Date.now() + leaseMs;
      const due = await store.takeDue({ ...request, leaseMs });
      for (const { message, device, lease } of due.deliveries) {
        rows.set(rowKey({ seq: message.seq, deviceId: device.id, lease }), until);
      }
      noteAll();
      return due;
    },
    async recordResults(results) {
      await store.recordResults(results);
      for (const key of results.map(rowKey)) {
        if (Date.now() > (rows.get(key) ?? Number.POSITIVE_INFINITY)) overrun += 1;
        rows.delete(key);
      }
      noteAll();
    },
  };
}

function rowKey({ seq, deviceId, lease }: Pick<AttemptResult, 'seq' | 'deviceId' | 'lease'>): string {
  return `${seq}/${deviceId}/${lease}`;
}
