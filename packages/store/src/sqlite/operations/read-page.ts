import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ReadPage } from '../../chunk.ts';
import { hasNewerSql, outdatedSql } from '../../outdated-sql.ts';
import { EMPTY_PAGE, PACKED_DEVICE_COLUMNS, PACKED_PAGE_COLUMNS, type PackedPage } from '../packed-page.ts';
import { integer, text, textOrNull } from '../row.ts';
import { prepareConditionSql } from './condition-sql.ts';
import { parseAudience } from '../../parse-audience.ts';

/** Conditions of so many shapes keep their statement. */
const MAX_STATEMENTS = 32;

/** See `Store.readPage`. */
export function prepareReadPage(database: DatabaseSync): (request: ReadPage) => PackedPage {
  const compile = prepareConditionSql(database);
  const findChunk = database.prepare(`
    SELECT c.seq, c.push_origin, c.time_zone, c.last_id, m.audience, ${hasNewerSql('')} AS has_newer FROM chunks c JOIN messages m ON m.seq = c.seq
    WHERE c.id = ?`);
  const statements = new Map<string, StatementSync>();

  return ({ chunkId, after, limit }) => {
    const chunk = findChunk.get(chunkId);
    if (chunk === undefined) return EMPTY_PAGE;
    const audience = parseAudience(text(chunk, 'audience'));
    const condition = audience.kind === 'condition' ? compile(audience.condition) : null;
    const zone = textOrNull(chunk, 'time_zone');
    const hasNewer = integer(chunk, 'has_newer') === 1;
    const page = {
      origin: text(chunk, 'push_origin'),
      after,
      lastId: integer(chunk, 'last_id'),
      limit,
      ...(zone === null ? {} : { zone }),
      ...(hasNewer ? { seq: integer(chunk, 'seq') } : {}),
    };
    const statement = prepared(pageSql({ hasZone: zone !== null, hasNewer, conditionSql: condition?.sql ?? null }));
    const packed = statement.get(page, ...(condition?.topicIds ?? [])) ?? {};
    return { devices: text(packed, 'devices'), keys: text(packed, 'keys') };
  };

  function prepared(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size === MAX_STATEMENTS) statements.clear();
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }
}

const IS_OUTDATED = outdatedSql({ schema: '', deviceId: 'd.id', pushOrigin: 'd.push_origin' });

/** INDEXED BY fails where the index does not serve, rather than read all devices for each page. */
export function pageSql(page: {
  readonly hasZone: boolean;
  /** There are newer messages with its collapse key. Default false. */
  readonly hasNewer?: boolean;
  readonly conditionSql: string | null;
}): string {
  return `
    SELECT ${PACKED_PAGE_COLUMNS} FROM (
      SELECT ${PACKED_DEVICE_COLUMNS} FROM devices d INDEXED BY ${page.hasZone ? 'devices_zone' : 'devices_fan_out'}
      WHERE d.state = 'live' AND d.push_origin = :origin AND d.id > :after AND d.id <= :lastId
        ${page.hasZone ? "AND d.time_zone IS nullif(:zone, '')" : ''}
        ${page.hasNewer === true ? `AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.seq = :seq AND ${IS_OUTDATED})` : ''}
        ${page.conditionSql === null ? '' : `AND ${page.conditionSql}`}
      ORDER BY d.id LIMIT :limit)`;
}
