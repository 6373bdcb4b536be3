import type { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import type { MessageToPlan } from '../../message.ts';
import { integer, text } from '../row.ts';
import { prepareRestartDelays } from './restart-delays.ts';

interface Request {
  readonly now: number;
  readonly limit: number;
}

interface ToPlan {
  readonly messages: readonly MessageToPlan[];
  readonly nextAt: number | null;
}

/** See `Store.messagesToPlan`. */
export function prepareMessagesToPlan(database: DatabaseSync): (request: Request) => ToPlan {
  const restartDelays = prepareRestartDelays(database);
  const select = database.prepare(`
    SELECT seq, content, run_at FROM messages INDEXED BY messages_to_plan
    WHERE state IN ('scheduled', 'queued') AND run_at <= :now ORDER BY seq LIMIT :limit + 1`);
  const next = database.prepare(`
    SELECT run_at FROM messages INDEXED BY messages_to_plan
    WHERE state IN ('scheduled', 'queued') AND run_at > ? ORDER BY run_at LIMIT 1`);
  return ({ now, limit }) => {
    restartDelays.messages(now);
    const due = select.all({ now, limit });
    const following = due[limit] ?? next.get(now);
    return {
      messages: due.slice(0, limit).map((row) => ({
        seq: branded(integer(row, 'seq')),
        content: text(row, 'content'),
        runAt: integer(row, 'run_at'),
      })),
      nextAt: following === undefined ? null : integer(following, 'run_at'),
    };
  };
}
