import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { TABLE_PLANS } from '../copy/table-plan.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

// Processes of the previous release run beside this one during a rolling upgrade. The fixture holds what the previous release asked
// PostgreSQL for in its contract tests: each statement once, and the calls of some tests that together make all of them, but for a
// long condition. Decision 16 says how to record the next release.

interface Bytes {
  readonly base64: string;
}
type RecordedValue = string | number | boolean | null | Bytes | readonly RecordedValue[];
/** The statement's index, how many rows it returned or changed, and its values. */
type Call = readonly [statement: number, rows: number, values: readonly RecordedValue[]];

const recorded: {
  readonly statements: readonly string[];
  readonly scenarios: Readonly<Record<string, readonly Call[]>>;
} = JSON.parse(readFileSync(new URL('./testing/previous-release.recorded.json', import.meta.url), 'utf8'));

const used = usePostgres();
let room: Awaited<ReturnType<typeof used.room>>;
let client: Client;

beforeAll(async () => {
  room = await used.room();
  await (await room.open()).close();
  client = new Client(used.server.url);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await room.remove();
});
beforeEach(async () => void (await client.query('BEGIN')));
afterEach(async () => void (await client.query('ROLLBACK')));

function inRoom(statement: string | undefined): string {
  if (statement === undefined) throw new Error('the fixture lacks this statement');
  return statement.replaceAll('belfry.', `${room.schema}.`);
}

function toValue(value: RecordedValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  return 'base64' in value ? Buffer.from(value.base64, 'base64') : value.map(toValue);
}

test('PostgreSQL understands what no scenario calls', async () => {
  const called = new Set(Object.values(recorded.scenarios).flatMap((calls) => calls.map(([index]) => index)));
  for (const [index, statement] of recorded.statements.entries()) {
    if (called.has(index)) continue;
    const name = `previous_${index}`;
    await expect(client.query(`PREPARE ${name} AS ${inRoom(statement)}`)).resolves.toBeDefined();
    await client.query(`DEALLOCATE ${name}`);
  }
});

describe('the calls of the previous release do what they did', () => {
  test.each(Object.entries(recorded.scenarios))('%s', async (_name, calls) => {
    // The calls know the ids that the rows had.
    const tables = TABLE_PLANS.map(({ name }) => `belfry.${name}`).join(', ');
    await client.query(inRoom(`TRUNCATE ${tables} RESTART IDENTITY CASCADE`));
    for (const [index, rows, values] of calls) {
      const text = inRoom(recorded.statements[index]);
      const { rowCount } = await client.query(text, values.map(toValue));
      expect({ text, rowCount }).toEqual({ text, rowCount: rows });
    }
  });
});
