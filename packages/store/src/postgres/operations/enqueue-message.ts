import { branded } from '@belfry/protocol';
import type { Audience } from '../../audience.ts';
import { SMALL_AUDIENCE_DEVICES } from '../../chunk.ts';
import { type EnqueueMessage, type EnqueueOutcome, IDEMPOTENCY_MS } from '../../message.ts';
import { LONGEST_SHORT_SCHEDULE_MS } from '../../waiting.ts';
import type { Database, Value, WriteStatement } from '../database.ts';
import { bytes, integer, integerOrNull, type Row, text } from '../row.ts';
import { IS_DATE_TRUSTED, NO_EARLIER_THAN_TRUSTED } from './check-date.ts';
import { DELIVERY_DEVICE_COLUMNS, DELIVERY_DEVICE_WIDTH, toDeliveryDevice } from './delivery-device-row.ts';

type Rows = (statement: WriteStatement, ...values: readonly Value[]) => Promise<readonly Row[]>;

/** See `Store.enqueueMessage`. `onQueued` is called when a message that waits to be planned is committed. */
export function prepareEnqueueMessage(
  database: Database,
  onQueued: () => void,
): (message: EnqueueMessage) => Promise<EnqueueOutcome> {
  const insert = prepareInsertMessage(database);
  // A key that another process is inserting is waited for. One that has had its time is taken over.
  const insertKey = database.prepare(`
    INSERT INTO belfry.idempotency_keys AS k (key, body_hash, message_id, created_at)
    VALUES ($1, $2, $3, ${NO_EARLIER_THAN_TRUSTED})
    ON CONFLICT (key) DO UPDATE
      SET body_hash = excluded.body_hash, message_id = excluded.message_id, created_at = excluded.created_at
      WHERE k.created_at <= belfry.clock_ms() - ${IDEMPOTENCY_MS} AND ${IS_DATE_TRUSTED} RETURNING 1`);
  const findKey = database.prepare(`
    SELECT k.body_hash, k.message_id, m.devices
    FROM belfry.idempotency_keys k LEFT JOIN belfry.messages m ON m.id = k.message_id WHERE k.key = $1`);

  async function enqueue(message: EnqueueMessage): Promise<EnqueueOutcome> {
    const { idempotency, id } = message;
    if (idempotency === null) return insert(database.write, message);
    const { key, bodyHash } = idempotency;
    return database.transaction(async ({ rows }) => {
      const [taken] = await rows(insertKey, key, bodyHash, id);
      if (taken !== undefined) return insert(rows, message);
      return toRepeated((await rows(findKey, key))[0] ?? [], bodyHash);
    });
  }

  return async (message) => {
    const enqueued = await enqueue(message);
    if (enqueued.outcome === 'queued') onQueued();
    return enqueued;
  };
}

function toRepeated([knownHash, id, devices]: Row, bodyHash: Uint8Array): EnqueueOutcome {
  if (Buffer.compare(bytes(knownHash), bodyHash) !== 0) return { outcome: 'idempotency-conflict' };
  return { outcome: 'repeated', id: branded(text(id)), devices: integerOrNull(devices ?? null) };
}

/** Where PostgreSQL's clock is ahead, a message keeps as much time until its `expiresAt` as its caller's clock says, up to this. */
const KEPT_OF_NAMED_END_MS = 3_600_000;

/** One statement, with the deliveries of a small audience whose time has come: one round trip, one commit. */
function prepareInsertMessage(database: Database): (rows: Rows, message: EnqueueMessage) => Promise<EnqueueOutcome> {
  const columns = `id, audience, content, created_at, run_at, ttl_ms, expires_at, collapse_key, devices_per_second,
      receipt_key, last_device_id, state`;
  // A short delay goes by PostgreSQL's clock. What is for later is a time of day, and stays, unless PostgreSQL's clock has passed it
  // already: with clocks that were minutes apart, such messages expired before anybody sent them.
  const values = `$1, $2, $3, clock.now,
      CASE WHEN $5::BIGINT - $4::BIGINT <= ${LONGEST_SHORT_SCHEDULE_MS} THEN clock.now + $5 - $4
        ELSE greatest($5, clock.now) END,
      $6::BIGINT, CASE WHEN $7::BIGINT IS NOT NULL THEN greatest($7, clock.now + least($7 - $4, ${KEPT_OF_NAMED_END_MS})) END, $8, $9::DOUBLE PRECISION, $10::BYTEA, coalesce((SELECT max(id) FROM belfry.devices), 0)`;
  const clock = '(SELECT belfry.clock_ms() AS now) AS clock';
  const insertQueued = database.prepareWrite(`
    INSERT INTO belfry.messages (${columns})
    SELECT ${values}, CASE WHEN $5::BIGINT > $4::BIGINT THEN 'scheduled' ELSE 'queued' END
    FROM ${clock} WHERE ${database.durably}`);
  const insertSending = (devices: string) =>
    database.prepareWrite(`
      WITH found AS MATERIALIZED (
        SELECT ${DELIVERY_DEVICE_COLUMNS} FROM belfry.devices d WHERE ${devices} AND d.state = 'live'
        LIMIT ${SMALL_AUDIENCE_DEVICES + 1}
      ), message AS (
        INSERT INTO belfry.messages (${columns}, devices, ended_at)
        SELECT ${values},
          CASE WHEN n = 0 THEN 'done' WHEN n > ${SMALL_AUDIENCE_DEVICES} THEN 'queued' ELSE 'fanning-out' END,
          CASE WHEN n <= ${SMALL_AUDIENCE_DEVICES} THEN n END, CASE WHEN n = 0 THEN ${NO_EARLIER_THAN_TRUSTED} END
        FROM (SELECT count(*) AS n FROM found) AS counted, ${clock} WHERE ${database.durably}
        RETURNING seq, state, created_at, least(run_at + ttl_ms, expires_at) AS ends_at
      ), made AS (
        INSERT INTO belfry.deliveries
          (seq, device_id, binding, state, run_at, lease, leased_by, expires_at, updated_at)
        SELECT message.seq, found.id, found.binding, 'sending', belfry.clock_ms() + $12::BIGINT, 1, $13,
          message.ends_at, $4::BIGINT
        FROM message, found WHERE message.state <> 'queued'
      )
      SELECT found.*, message.seq, message.state, message.ends_at - message.created_at + $4::BIGINT
      FROM message LEFT JOIN found ON message.state <> 'queued' ORDER BY found.id`);
  const sendToUsers = insertSending('d.user_id IN (SELECT id FROM belfry.users WHERE external_id = ANY ($11::TEXT[]))');
  const sendToDevice = insertSending('d.public_id = $11');

  return async (rows, message) => {
    const { id, audience, content, now, runAt, ttlMs, expiresAt, collapseKey, devicesPerSecond, leaseMs } = message;
    const times = [now, runAt, ttlMs, expiresAt];
    const { receiptKey } = message;
    const common = [id, JSON.stringify(audience), content, ...times, collapseKey, devicesPerSecond, receiptKey];
    const small = runAt <= now ? smallAudience(audience) : null;
    if (small === null) {
      await rows(insertQueued, ...common);
      return { outcome: 'queued' };
    }
    const statement = audience.kind === 'device' ? sendToDevice : sendToUsers;
    const found = await rows(statement, ...common, small, leaseMs, database.storeId);
    // More are planned, so that no call holds them all, and the retry loop takes some at a time.
    if (found[0]?.[DELIVERY_DEVICE_WIDTH + 1] === 'queued') return { outcome: 'queued' };
    const seq = branded<number, 'MessageSeq'>(integer(found[0]?.[DELIVERY_DEVICE_WIDTH]));
    const stored = { id, seq, content, receiptKey };
    const endsAt = integer(found[0]?.[DELIVERY_DEVICE_WIDTH + 2]);
    const devices = found.filter(([deviceId]) => deviceId !== null).map(toDeliveryDevice);
    return {
      outcome: 'sending',
      deliveries: devices.map((device) => ({ message: stored, device, attempts: 0, expiresAt: endsAt, lease: 1 })),
    };
  };
}

/** What its kind of audience is found by; null for one that may be large. */
function smallAudience(audience: Audience): Value {
  switch (audience.kind) {
    case 'users':
      return audience.userIds;
    case 'device':
      return audience.publicId;
    case 'condition':
    case 'all':
      return null;
  }
}
