import { branded } from '@belfry/protocol';
import type { Binding } from '../../ids.ts';
import { MAX_DROPPED_AT_ONCE } from '../../waiting-deliveries.ts';
import type { Database, Transaction } from '../database.ts';
import type { DeviceQueue } from '../device-queue.ts';
import { integer, type Row, text } from '../row.ts';
import type { Withdrawals } from '../withdrawals.ts';
import { prepareDropForeign } from './drop-foreign.ts';
import { prepareRetiredSecrets, type SecretOfUser } from './retired-secrets.ts';

/** A device that changed hands or was removed. */
export interface EndedDevice {
  readonly id: number;
  /** The binding that it had. */
  readonly binding: Binding;
}

/** From a row that begins with the columns `id` and `binding`. */
export function toEndedDevice([id, binding]: Row): EndedDevice {
  return { id: integer(id), binding: branded(text(binding)) };
}

export interface DeviceTransaction extends Transaction {
  /** With the commit, withdraws what is on its way to these devices, and after it drops that. */
  withdraw(devices: readonly EndedDevice[]): void;
  /**
   * At the end of the transaction, retires the secrets. They are the last rows that it locks, all of them in one order, so two that
   * retire the same secrets never wait for each other.
   */
  retire(secrets: readonly SecretOfUser[]): void;
}

interface ChangeOptions {
  /** Changes with the same key run one after the other: `user:` with a user's id, `secret:` with a hash, or `session:`. */
  readonly key: string;
  readonly now: number;
}

/** The key of changes that a device's secret permits. */
export function secretKey(secretHash: Uint8Array): string {
  return `secret:${Buffer.from(secretHash).toString('hex')}`;
}

export type ChangeDevices = <Result>(
  options: ChangeOptions,
  work: (transaction: DeviceTransaction) => Promise<Result>,
) => Promise<Result>;

interface ChangeDevicesOptions {
  readonly database: Database;
  readonly queue: DeviceQueue;
  readonly withdrawals: Withdrawals;
}

/**
 * For transactions that change devices. All processes are told with the commit which bindings ended. What was on its way to the
 * devices ends in a transaction of its own: one that records results locks the message and then its devices, so two would wait for
 * each other if this one locked a device and then its messages. What is in flight goes first. What is beyond `MAX_DROPPED_AT_ONCE`
 * stays, and so does all where the second transaction fails. `TakeDue` drops it when it is due, as its device or its binding is gone.
 */
export function prepareChangeDevices({ database, queue, withdrawals }: ChangeDevicesOptions): ChangeDevices {
  const dropForeign = prepareDropForeign(database);
  const { retire } = prepareRetiredSecrets(database);
  const find = database.prepare(`
    SELECT seq, device_id FROM belfry.deliveries
    WHERE device_id = ANY ($1::BIGINT[]) AND state IN ('sending', 'retrying')
    ORDER BY state = 'sending' DESC LIMIT ${MAX_DROPPED_AT_ONCE}`);

  async function drop(devices: readonly EndedDevice[], now: number): Promise<void> {
    const found = await database.read(
      find,
      devices.map(({ id }) => id),
    );
    await dropForeign(
      found.map(([seq, deviceId]) => ({ seq: integer(seq), deviceId: integer(deviceId) })),
      now,
    );
  }

  return ({ key, now }, work) =>
    queue(key, async () => {
      let ended: EndedDevice[] = [];
      const bindings = () => ended.map(({ binding }) => binding);
      const result = await database.transaction(async (transaction) => {
        // The transaction may run again from its start.
        ended = [];
        const secrets: SecretOfUser[] = [];
        const done = await work({
          ...transaction,
          withdraw: (devices) => void ended.push(...devices),
          retire: (retired) => void secrets.push(...retired),
        });
        await retire(transaction, { secrets, now });
        await withdrawals.tellAll(transaction, { messages: [], bindings: bindings() });
        return done;
      });
      if (ended.length === 0) return result;
      withdrawals.tellHere({ messages: [], bindings: bindings() });
      // The devices have changed already, so the call must not fail: called again, it would find nothing to change.
      await drop(ended, now).catch(() => {});
      return result;
    });
}
