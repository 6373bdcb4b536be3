import { type CommitPage, type CommitPageOutcome, STRAGGLER_LEASE } from '../../chunk.ts';
import { outdatedSql } from '../../outdated-sql.ts';
import type { Database, Transaction } from '../database.ts';
import { integer, type Row } from '../row.ts';
import { prepareCollapseOlder } from './collapse-older.ts';
import { type ListedDelivery, prepareDropListed } from './drop-listed.ts';
import { prepareFinishMessages } from './finish-messages.ts';
import { prepareMarkDevices } from './mark-devices.ts';

const IS_OUTDATED = outdatedSql({ schema: 'belfry.', deviceId: 'd.id', pushOrigin: 'd.push_origin' });

/** See `Store.commitPage`. A page of which everything was accepted is one statement, and no lock but its chunk's. */
export function prepareCommitPage(database: Database): (page: CommitPage) => Promise<CommitPageOutcome> {
  const messages = prepareFinishMessages(database);
  const keepResults = prepareKeepResults(database);
  const dropListed = prepareDropListed(database);
  const findSeq = database.prepare('SELECT seq FROM belfry.chunks WHERE id = $1');
  // A chunk of a message that is over ends; one of a paused message waits. A page that is committed again, because its caller
  // never heard of the first time, finds the cursor behind it: then it is not counted again.
  const commit = database.prepareWrite(`
    UPDATE belfry.chunks c SET cursor = $3,
      counts = CASE WHEN before.cursor < $3 THEN belfry.add_counts(c.counts, $4) ELSE c.counts END,
      state = CASE
        WHEN $5 OR m.state IN ('done', 'cancelled', 'expired') THEN 'done'
        WHEN $6::BIGINT IS NULL OR m.state <> 'fanning-out' THEN 'pending'
        ELSE 'leased' END,
      leased_until = belfry.clock_ms() + $6,
      run_at = CASE WHEN $6 IS NULL THEN belfry.clock_ms() + $7::BIGINT ELSE c.run_at END,
      held_at = CASE WHEN $6 IS NULL THEN belfry.clock_ms() ELSE c.held_at END
    FROM belfry.messages m, (SELECT id, cursor FROM belfry.chunks WHERE id = $1 FOR UPDATE) AS before
    WHERE c.id = before.id AND c.token = $2 AND c.state = 'leased' AND m.seq = c.seq AND ${database.durably}
    RETURNING c.state, c.seq, c.expires_at, before.cursor < $3`);
  const values = ({ chunkId, token, cursor, counts, isLast, leaseMs, releaseUntil, now }: CommitPage) =>
    [chunkId, token, cursor, JSON.stringify(counts), isLast, leaseMs, releaseUntil - now] as const;

  return async (page) => {
    const { chunkId, isLast, results } = page;
    if (!isLast && results.length === 0) {
      const [chunk] = await database.write(commit, ...values(page));
      return toOutcome(chunk);
    }
    const { outcome, passedOver } = await database.transaction(async (transaction) => {
      const seqs = isLast ? (await transaction.rows(findSeq, chunkId)).map(([seq]) => integer(seq)) : [];
      await messages.lock(transaction, seqs);
      const [chunk] = await transaction.rows(commit, ...values(page));
      const left =
        chunk?.[3] === true
          ? await keepResults.first(transaction, { page, chunk })
          : await keepResults.again(transaction, page);
      await messages.finish(transaction, seqs);
      return { outcome: toOutcome(chunk), passedOver: left };
    });
    await dropListed(passedOver, { now: page.now, states: ['sending', 'retrying'] });
    return outcome;
  };
}

function toOutcome(chunk: Row | undefined): CommitPageOutcome {
  if (chunk === undefined) return 'lost';
  return chunk[0] === 'leased' ? 'continues' : 'ended';
}

function prepareKeepResults(database: Database) {
  const markDevices = prepareMarkDevices(database);
  const collapseOlder = prepareCollapseOlder(database);
  // A device that moved to another push service or time zone meanwhile may have one of another chunk: that one does for it. One that
  // had a newer message with the same collapse key meanwhile gets no older one.
  const insert = database.prepare(`
    INSERT INTO belfry.deliveries
      (seq, device_id, binding, state, attempts, run_at, expires_at, updated_at, held_at, lease, leased_by)
    SELECT m.seq, r.device_id, r.binding,
      CASE WHEN m.state IN ('done', 'cancelled', 'expired') THEN 'cancelled'
        WHEN m.collapse_key IS NOT NULL AND d.id IS NOT NULL AND ${IS_OUTDATED} THEN 'dropped'
        WHEN r.lease_ms IS NULL THEN 'retrying' ELSE 'sending' END,
      r.attempts, belfry.clock_ms() + coalesce(r.delay_ms, r.lease_ms), $2, $3, belfry.clock_ms(),
      CASE WHEN r.lease_ms IS NULL THEN 0 ELSE ${STRAGGLER_LEASE} END, CASE WHEN r.lease_ms IS NULL THEN NULL ELSE $4 END
    FROM belfry.messages m,
      unnest($5::BIGINT[], $6::INTEGER[], $7::BIGINT[], $8::TEXT[], $9::BIGINT[])
        AS r (device_id, attempts, delay_ms, binding, lease_ms)
      LEFT JOIN belfry.devices d ON d.id = r.device_id
    WHERE m.seq = $1
    ON CONFLICT DO NOTHING`);

  const findCommitted = database.prepare('SELECT seq FROM belfry.chunks WHERE id = $1 AND token = $2 AND cursor >= $3');

  return { first, again };

  async function first(
    transaction: Transaction,
    { page, chunk }: { page: CommitPage; chunk: Row },
  ): Promise<readonly ListedDelivery[]> {
    const [, seqOfChunk, expiresAt] = chunk;
    const { results, now } = page;
    const seq = integer(seqOfChunk);
    const open = results.filter((result) => result.state === 'retrying' || result.state === 'sending');
    if (open.length > 0) {
      await transaction.rows(
        insert,
        seq,
        integer(expiresAt),
        now,
        database.storeId,
        open.map(({ deviceId }) => deviceId),
        open.map((result) => (result.state === 'sending' || result.isHeld === true ? 0 : 1)),
        open.map((result) => (result.state === 'sending' ? null : result.runAt - (result.decidedAt ?? now))),
        open.map(({ binding }) => binding),
        open.map((result) => (result.state === 'sending' ? result.leaseMs : null)),
      );
    }
    const ended = results.filter((result) => result.state !== 'sending');
    await markDevices(
      transaction,
      ended.map((result) => ({ deviceId: result.deviceId, outcome: result, now })),
    );
    return collapseOlder(transaction, acceptedOf(page, seq), now);
  }

  /** A call that failed after its commit comes again. What it left to be dropped is found once more then. */
  async function again(transaction: Transaction, page: CommitPage): Promise<readonly ListedDelivery[]> {
    if (!page.results.some(({ state }) => state === 'accepted')) return [];
    const [chunk] = await transaction.rows(findCommitted, page.chunkId, page.token, page.cursor);
    return chunk === undefined ? [] : collapseOlder(transaction, acceptedOf(page, integer(chunk[0])), page.now);
  }
}

function acceptedOf({ results }: CommitPage, seq: number): readonly ListedDelivery[] {
  return results.filter(({ state }) => state === 'accepted').map(({ deviceId }) => ({ seq, deviceId }));
}
