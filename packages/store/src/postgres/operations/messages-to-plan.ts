import { branded } from '@belfry/protocol';
import type { MessageToPlan } from '../../message.ts';
import type { Database } from '../database.ts';
import { integer, integerOrNull, text } from '../row.ts';
import { IS_SET_BACK, prepareRestartDelays } from './restart-delays.ts';
import { prepareStoreClock } from './store-clock.ts';

interface Request {
  readonly now: number;
  readonly limit: number;
}

interface ToPlan {
  readonly messages: readonly MessageToPlan[];
  readonly nextAt: number | null;
}

/** See `Store.messagesToPlan`. Nobody leases them: whoever plans one first has planned it. */
export function prepareMessagesToPlan(database: Database): (request: Request) => Promise<ToPlan> {
  const restartDelays = prepareRestartDelays(database);
  const readClock = prepareStoreClock(database);
  const select = database.prepare(`
    SELECT seq, content, run_at FROM belfry.messages
    WHERE state IN ('scheduled', 'queued') AND run_at <= $1 ORDER BY seq LIMIT $2`);
  const next = database.prepare(`
    SELECT ${IS_SET_BACK.messages('$1')}, (
      SELECT run_at FROM belfry.messages WHERE state IN ('scheduled', 'queued') AND run_at > $1 ORDER BY run_at LIMIT 1)`);
  return async ({ now, limit }) => {
    const { storeNow, toCaller } = await readClock(now);
    const due = await database.read(select, storeNow, limit + 1);
    const [isSetBack, following] =
      due.length > limit ? [false, due[limit]?.[2]] : ((await database.read(next, storeNow))[0] ?? []);
    if (isSetBack === true) await restartDelays.messages(storeNow);
    const nextAt = integerOrNull(following ?? null);
    return {
      messages: due.slice(0, limit).map(([seq, content, runAt]) => ({
        seq: branded(integer(seq)),
        content: text(content),
        runAt: integer(runAt),
      })),
      nextAt: isSetBack === true ? now : nextAt && toCaller(nextAt),
    };
  };
}
