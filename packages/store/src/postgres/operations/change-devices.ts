import { MAX_DROPPED_AT_ONCE } from '../../waiting-deliveries.ts';
import type { Database, Transaction } from '../database.ts';
import type { DeviceQueue } from '../device-queue.ts';
import { integer } from '../row.ts';
import { prepareDropForeign } from './drop-foreign.ts';
import { prepareRetiredSecrets, type SecretOfUser } from './retired-secrets.ts';

export interface DeviceTransaction extends Transaction {
  /** Once the transaction is committed, ends what is on its way to these devices, which changed hands or were removed. */
  dropDeliveries(deviceIds: readonly number[]): void;
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

/**
 * For transactions that change devices. What was on its way to the devices ends in a transaction of its own: one that records
 * results locks the message and then its devices, so two would wait for each other if this one locked a device and then its
 * messages. What is in flight goes first. What is beyond `MAX_DROPPED_AT_ONCE` stays, and so does all where the process ends between
 * the two transactions. `TakeDue` drops it when it is due, as its device or its binding is gone.
 */
export function prepareChangeDevices(database: Database, queue: DeviceQueue): ChangeDevices {
  const dropForeign = prepareDropForeign(database);
  const { retire } = prepareRetiredSecrets(database);
  const find = database.prepare(`
    SELECT seq, device_id FROM belfry.deliveries
    WHERE device_id = ANY ($1::BIGINT[]) AND state IN ('sending', 'retrying')
    ORDER BY state = 'sending' DESC LIMIT ${MAX_DROPPED_AT_ONCE}`);
  return ({ key, now }, work) =>
    queue(key, async () => {
      let changed: number[] = [];
      const result = await database.transaction(async (transaction) => {
        // The transaction may run again from its start.
        changed = [];
        const secrets: SecretOfUser[] = [];
        const done = await work({
          ...transaction,
          dropDeliveries: (deviceIds) => void changed.push(...deviceIds),
          retire: (retired) => void secrets.push(...retired),
        });
        await retire(transaction, { secrets, now });
        return done;
      });
      if (changed.length > 0) {
        const found = await database.read(find, changed);
        await dropForeign(
          found.map(([seq, deviceId]) => ({ seq: integer(seq), deviceId: integer(deviceId) })),
          now,
        );
      }
      return result;
    });
}
