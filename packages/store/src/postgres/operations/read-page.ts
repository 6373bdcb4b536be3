import type { Condition, TopicName } from '../../audience.ts';
import type { PageDevices, ReadPage } from '../../chunk.ts';
import { hasNewerSql, outdatedSql } from '../../outdated-sql.ts';
import { parseAudience } from '../../parse-audience.ts';
import type { Database } from '../database.ts';
import { integer, text, textOrNull } from '../row.ts';
import { conditionSql } from './condition-sql.ts';
import { DELIVERY_DEVICE_COLUMNS, toDeliveryDevice } from './delivery-device-row.ts';

/** See `Store.readPage`. */
export function prepareReadPage(database: Database): (request: ReadPage) => Promise<PageDevices> {
  const findChunk = database.prepare(`
    SELECT c.push_origin, c.last_id, c.time_zone, m.audience, c.seq, ${hasNewerSql('belfry.')}
    FROM belfry.chunks c JOIN belfry.messages m ON m.seq = c.seq WHERE c.id = $1`);
  const ofAll = database.prepare(pageSql({ hasZone: false, condition: null }).sql);
  const ofZone = database.prepare(pageSql({ hasZone: true, condition: null }).sql);
  return async ({ chunkId, after, limit }) => {
    const [chunk] = await database.read(findChunk, chunkId);
    if (chunk === undefined) return [];
    const [origin, lastId, timeZone, audienceJson, seq, hasNewer] = chunk;
    const audience = parseAudience(text(audienceJson));
    const range = [text(origin), after, integer(lastId), limit];
    const zone = textOrNull(timeZone);
    const zones = zone === null ? [] : [zone];
    if (audience.kind !== 'condition' && hasNewer !== true) {
      return (await database.read(zone === null ? ofAll : ofZone, ...range, ...zones)).map(toDeliveryDevice);
    }
    // Not prepared: conditions may have any number of shapes, and a connection keeps what it prepared.
    const condition = audience.kind === 'condition' ? audience.condition : null;
    const { sql, topics } = pageSql({ hasZone: zone !== null, condition, hasNewer: hasNewer === true });
    const values = [
      ...range,
      ...zones,
      ...(condition === null ? [] : [topics]),
      ...(hasNewer === true ? [integer(seq)] : []),
    ];
    return (await database.read(database.once(sql), ...values)).map(toDeliveryDevice);
  };
}

const IS_OUTDATED = outdatedSql({ schema: 'belfry.', deviceId: 'd.id', pushOrigin: 'd.push_origin' });

export interface PageSql {
  /**
   * Its values: push service, last device that is done, last device of the chunk, limit, time zone if any, topics if any, the
   * message's `seq` if there are newer ones with its collapse key.
   */
  readonly sql: string;
  readonly topics: readonly TopicName[];
}

/**
 * Rows are compared as a whole, so that only an index which begins with the push service serves. Given a range of ids alone,
 * the plan that a prepared statement comes to have, made without its values, went along the primary key, through the devices
 * of all other push services.
 */
export function pageSql(page: {
  readonly hasZone: boolean;
  readonly condition: Condition | null;
  readonly hasNewer?: boolean;
}): PageSql {
  const meets = page.condition && conditionSql(page.condition, page.hasZone ? '$6' : '$5');
  const [columns, values] = page.hasZone
    ? ["d.push_origin, coalesce(d.time_zone, '')", '$1, $5']
    : ['d.push_origin', '$1'];
  const seq = `$${5 + Number(page.hasZone) + Number(page.condition !== null)}`;
  const isNewest = `NOT EXISTS (SELECT 1 FROM belfry.messages m WHERE m.seq = ${seq} AND ${IS_OUTDATED})`;
  const sql = `
    SELECT ${DELIVERY_DEVICE_COLUMNS} FROM belfry.devices d
    WHERE d.state = 'live' AND (${columns}, d.id) > (${values}, $2) AND (${columns}, d.id) <= (${values}, $3)
      ${page.hasNewer === true ? `AND ${isNewest}` : ''} ${meets === null ? '' : `AND ${meets.sql}`}
    ORDER BY ${columns}, d.id LIMIT $4`;
  return { sql, topics: meets?.topics ?? [] };
}
