import { branded } from '@belfry/protocol';
import type { Withdrawal } from '../withdrawal.ts';
import type { Database } from './database.ts';

/** The payload of a NOTIFY has at most 8,000 bytes, and an id has 36 characters at most. */
const MAX_IDS_IN_NOTICE = 150;
/** The oldest beyond these are not told. Other processes then go on to begin what they have taken up, for up to 85 s. */
const MAX_WAITING = 10_000;

export interface WithdrawalNotices {
  /** Tells the other processes, and returns at once. What cannot be told is dropped. */
  tell(withdrawal: Withdrawal): void;
  /** Resolves once all is told. */
  settled(): Promise<void>;
}

/** One NOTIFY runs at a time, since each takes a lock that all notifying commits share. What comes meanwhile goes into the next. */
export function createWithdrawalNotices(database: Database, channel: string): WithdrawalNotices {
  const notify = database.prepareWrite(`SELECT pg_notify($1, $2) WHERE ${database.durably}`);
  const waiting: string[] = [];
  let telling: Promise<void> | undefined;

  return {
    tell({ messages, bindings }) {
      waiting.push(...messages.map((id) => `m${id}`), ...bindings.map((binding) => `b${binding}`));
      waiting.splice(0, waiting.length - MAX_WAITING);
      telling ??= tellAll();
    },
    async settled() {
      await telling;
    },
  };

  async function tellAll(): Promise<void> {
    while (waiting.length > 0) {
      const payload = [database.storeId, ...waiting.splice(0, MAX_IDS_IN_NOTICE)].join(' ');
      await database.write(notify, channel, payload).catch(() => []);
    }
    telling = undefined;
  }
}

/** Returns what another process has withdrawn; undefined for a payload that only says that there is work. */
export function parseWithdrawalNotice(payload: string): Withdrawal | undefined {
  const [, ...entries] = payload.split(' ');
  if (entries.length === 0) return undefined;
  const idsOf = (kind: string) => entries.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(1));
  return { messages: idsOf('m').map((id) => branded(id)), bindings: idsOf('b').map((binding) => branded(binding)) };
}
