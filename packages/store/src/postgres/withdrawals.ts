import { branded } from '@belfry/protocol';
import type { Withdrawal } from '../withdrawal.ts';
import type { Database, Transaction } from './database.ts';

/** The payload of a NOTIFY has at most 8,000 bytes, and an id has 36 characters at most. */
const MAX_IDS_IN_NOTICE = 150;

/** Tells processes what must not be sent any more. */
export interface Withdrawals {
  /**
   * Tells all processes, this one included. PostgreSQL delivers the notice when the transaction commits, and never where it does not.
   * So a process that dies after the commit, or never hears of it, leaves nobody untold. Each commit with a notice takes a lock that
   * all of them share, so only a transaction that withdraws something may send one.
   */
  tellAll(transaction: Transaction, withdrawal: Withdrawal): Promise<void>;
  /** Tells this process at once. It may have lost the connection that listens. */
  tellHere(withdrawal: Withdrawal): void;
  /** See `Store.onWithdrawal`. */
  onWithdrawal(listener: (withdrawal: Withdrawal) => void): () => void;
}

export function createWithdrawals(database: Database, channel: string): Withdrawals {
  const notify = database.prepare('SELECT pg_notify($1, payload) FROM unnest($2::TEXT[]) AS payload');
  const listeners = new Set<(withdrawal: Withdrawal) => void>();

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
      for (const listener of listeners) listener(withdrawal);
    },
    onWithdrawal(listener) {
      // A function of its own, so that one listener given twice is two.
      const called = (withdrawal: Withdrawal) => listener(withdrawal);
      listeners.add(called);
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
