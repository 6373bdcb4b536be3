import { branded } from '@belfry/protocol';
import type { Binding, DeviceId, MessageId } from '../ids.ts';
import type { TakenDelivery, Withdrawal } from '../withdrawal.ts';
import type { Database, Transaction } from './database.ts';
import { text } from './row.ts';

/** The payload of a NOTIFY has at most 8,000 bytes, and an id has 36 characters at most. */
const MAX_IDS_IN_NOTICE = 150;

type Listener = (withdrawal: Withdrawal) => void;

/** Tells processes what must not be sent any more. */
export interface Withdrawals {
  /**
   * Tells all processes, this one included. PostgreSQL delivers the notice when the transaction commits, and never where it does not.
   * So everybody is told, also where the process dies after the commit. Each commit with a notice takes a lock that all of them share,
   * so only a transaction that withdraws something may send one.
   */
  tellAll(transaction: Transaction, withdrawal: Withdrawal): Promise<void>;
  /** Tells this process at once. It may have lost the connection that listens. */
  tellHere(withdrawal: Withdrawal): void;
  /** Tells this process what was withdrawn of the deliveries that it has taken. For what notices did not tell. */
  lookUp(): Promise<void>;
  /** See `Store.onWithdrawal`. */
  onWithdrawal(listener: Listener, taken: () => Iterable<TakenDelivery>): () => void;
}

export function createWithdrawals(database: Database, channel: string): Withdrawals {
  const notify = database.prepare('SELECT pg_notify($1, payload) FROM unnest($2::TEXT[]) AS payload');
  const cancelled = database.prepare(
    "SELECT id FROM belfry.messages WHERE id = ANY ($1::TEXT[]) AND state = 'cancelled'",
  );
  const endedBindings = database.prepare(`
    SELECT t.binding FROM unnest($1::BIGINT[], $2::TEXT[]) AS t (device_id, binding)
    WHERE NOT EXISTS (SELECT 1 FROM belfry.devices d WHERE d.id = t.device_id AND d.binding = t.binding)`);
  const listeners = new Map<Listener, () => Iterable<TakenDelivery>>();

  return {
    async tellAll({ rows }, { messages, bindings }) {
      const entries = [...messages.map((id) => `m${id}`), ...bindings.map((binding) => `b${binding}`)];
      if (entries.length === 0) return;
      const payloads: string[] = [];
      for (let start = 0; start < entries.length; start += MAX_IDS_IN_NOTICE) {
        payloads.push([database.storeId, ...entries.slice(start, start + MAX_IDS_IN_NOTICE)].join(' '));
      }
      await rows(notify, channel, payloads);
    },
    tellHere(withdrawal) {
      for (const listener of listeners.keys()) listener(withdrawal);
    },
    async lookUp() {
      for (const [listener, taken] of listeners) {
        const messages = new Set<MessageId>();
        const devices = new Map<Binding, DeviceId>();
        for (const { message, deviceId, binding } of taken()) {
          messages.add(message);
          devices.set(binding, deviceId);
        }
        if (messages.size === 0) continue;
        const ids = await database.read(cancelled, [...messages]);
        const bindings = await database.read(endedBindings, [...devices.values()], [...devices.keys()]);
        listener({
          messages: ids.map(([id]) => branded(text(id))),
          bindings: bindings.map(([binding]) => branded(text(binding))),
        });
      }
    },
    onWithdrawal(listener, taken) {
      // A function of its own, so that one listener given twice is two.
      const called = (withdrawal: Withdrawal) => listener(withdrawal);
      listeners.set(called, taken);
      return () => void listeners.delete(called);
    },
  };
}

/** Returns what a process has withdrawn; undefined for a payload that only says that there is work. */
export function parseWithdrawalNotice(payload: string): Withdrawal | undefined {
  const [, ...entries] = payload.split(' ');
  if (entries.length === 0) return undefined;
  const idsOf = (kind: string) => entries.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(1));
  return { messages: idsOf('m').map((id) => branded(id)), bindings: idsOf('b').map((binding) => branded(binding)) };
}
