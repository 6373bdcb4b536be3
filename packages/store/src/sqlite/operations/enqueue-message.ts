import type { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import type { Audience } from '../../audience.ts';
import { SMALL_AUDIENCE_DEVICES } from '../../chunk.ts';
import { type Delivery, type EnqueueMessage, type EnqueueOutcome, IDEMPOTENCY_MS } from '../../message.ts';
import { blob, integerOrNull, type Row, text } from '../row.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';
import { DELIVERY_DEVICE_COLUMNS, toDeliveryDevice } from './delivery-device-row.ts';

/** See `Store.enqueueMessage`. */
export function prepareEnqueueMessage(database: DatabaseSync): (message: EnqueueMessage) => EnqueueOutcome {
  const findKey = database.prepare(`
    SELECT k.body_hash, k.message_id, m.devices FROM idempotency_keys k LEFT JOIN messages m ON m.id = k.message_id
    WHERE k.key = ? AND k.created_at > ?`);
  // One that is there has had its time.
  const insertKey = database.prepare(`
    INSERT OR REPLACE INTO idempotency_keys (key, body_hash, message_id, created_at) VALUES (:key, :bodyHash, :id, ${NO_EARLIER_THAN_TRUSTED})`);
  const insertMessage = database.prepare(`
    INSERT INTO messages (id, audience, last_device_id, content, receipt_key, state, collapse_key, devices_per_second, created_at,
      run_at, ttl_ms, expires_at, ended_at, devices)
    VALUES (:id, :audience, coalesce((SELECT max(id) FROM devices), 0), :content, :receiptKey, :state, :collapseKey,
      :devicesPerSecond, :now, :runAt, :ttlMs, :expiresAt, iif(:isDone, ${NO_EARLIER_THAN_TRUSTED}, NULL), :devices)`);
  const insertDelivery = database.prepare(`
    INSERT INTO deliveries (seq, device_id, binding, state, lease, expires_at, updated_at)
    VALUES (?, ?, ?, 'sending', 1, ?, ?)`);
  const liveDevices = prepareLiveDevices(database);

  return (message) => {
    const { id, audience, content, receiptKey, now, runAt, ttlMs, expiresAt, collapseKey, idempotency } = message;
    const { devicesPerSecond, steadyNow = now } = message;
    if (idempotency !== null) {
      const known = findKey.get(idempotency.key, steadyNow - IDEMPOTENCY_MS);
      if (known !== undefined) return toRepeated(known, idempotency.bodyHash);
      insertKey.run({ ...idempotency, id, now: steadyNow });
    }
    const devices = runAt <= now ? liveDevices(audience) : null;
    const isDone = devices?.length === 0;
    const waiting = runAt > now ? 'scheduled' : 'queued';
    const inserted = insertMessage.run({
      id,
      audience: JSON.stringify(audience),
      content,
      receiptKey,
      state: devices === null ? waiting : isDone ? 'done' : 'fanning-out',
      collapseKey,
      devicesPerSecond,
      now,
      runAt,
      ttlMs,
      expiresAt,
      isDone: Number(isDone),
      devices: devices?.length ?? null,
    });
    if (devices === null) return { outcome: 'queued' };
    const stored = { id, seq: branded<number, 'MessageSeq'>(Number(inserted.lastInsertRowid)), content, receiptKey };
    const endsAt = Math.min(runAt + ttlMs, expiresAt ?? Number.POSITIVE_INFINITY);
    const deliveries = devices.map((row): Delivery => {
      const device = toDeliveryDevice(row);
      insertDelivery.run(stored.seq, device.id, device.binding, endsAt, now);
      return { message: stored, device, attempts: 0, expiresAt: endsAt, lease: 1 };
    });
    return { outcome: 'sending', deliveries };
  };
}

function toRepeated(known: Row, bodyHash: Uint8Array): EnqueueOutcome {
  if (Buffer.compare(blob(known, 'body_hash'), bodyHash) !== 0) return { outcome: 'idempotency-conflict' };
  const id = branded<string, 'MessageId'>(text(known, 'message_id'));
  return { outcome: 'repeated', id, devices: integerOrNull(known, 'devices') };
}

/** More are planned, so that no call holds them all, and the retry loop takes some at a time. */
function smallOrNull(devices: readonly Row[]): readonly Row[] | null {
  return devices.length > SMALL_AUDIENCE_DEVICES ? null : devices;
}

/** The live devices of an audience that is small by its kind and has few; null for any other. */
function prepareLiveDevices(database: DatabaseSync): (audience: Audience) => readonly Row[] | null {
  const ofUsers = database.prepare(`
    SELECT ${DELIVERY_DEVICE_COLUMNS} FROM devices d
    WHERE d.user_id IN (SELECT id FROM users WHERE external_id IN (SELECT value FROM json_each(?)))
      AND d.state = 'live'
    ORDER BY d.id LIMIT ${SMALL_AUDIENCE_DEVICES + 1}`);
  const one = database.prepare(`
    SELECT ${DELIVERY_DEVICE_COLUMNS} FROM devices d WHERE d.public_id = ? AND d.state = 'live'`);
  return (audience) => {
    switch (audience.kind) {
      case 'users':
        return smallOrNull(ofUsers.all(JSON.stringify(audience.userIds)));
      case 'device':
        return one.all(audience.publicId);
      case 'condition':
      case 'all':
        return null;
    }
  };
}
