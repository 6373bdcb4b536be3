import type { MessageId } from '../../ids.ts';
import type { MessageStatus } from '../../message.ts';
import { toMessageState } from '../../message-state.ts';
import type { Database } from '../database.ts';
import { integer, text } from '../row.ts';

/** See `Store.messageStatus`. */
export function prepareMessageStatus(database: Database): (id: MessageId) => Promise<MessageStatus | undefined> {
  // One statement, so that a device that ends meanwhile is counted once. A message without devices has one row of nulls.
  const select = database.prepare(`
    SELECT m.state, m.created_at, m.run_at, c.source, c.name, c.devices::BIGINT
    FROM belfry.messages m LEFT JOIN LATERAL (
      SELECT 'deliveries' AS source, ended AS name, sum(devices) AS devices FROM (
        SELECT l.state AS ended, count(*) AS devices FROM belfry.deliveries l WHERE l.seq = m.seq GROUP BY l.state
        UNION ALL
        SELECT j.key, j.value::BIGINT FROM belfry.chunks k, jsonb_each_text(k.counts) j WHERE k.seq = m.seq
      ) AS each GROUP BY ended
      UNION ALL
      SELECT 'receipts', r.kind, count(*) FROM belfry.receipts r WHERE r.seq = m.seq GROUP BY r.kind
    ) AS c ON true
    WHERE m.id = $1`);
  return async (id) => {
    const counted = await database.read(select, id);
    const [message] = counted;
    if (message === undefined) return undefined;
    const [state, createdAt, runAt] = message;
    const countsOf = (what: 'deliveries' | 'receipts') =>
      Object.fromEntries(
        counted
          .filter(([, , , source]) => source === what)
          .map(([, , , , name, devices]) => [text(name), integer(devices)]),
      );
    return {
      id,
      state: toMessageState(text(state)),
      createdAt: integer(createdAt),
      runAt: integer(runAt),
      deliveries: countsOf('deliveries'),
      receipts: countsOf('receipts'),
    };
  };
}
