import { expect, test } from 'vitest';
import { findContractions } from './migrations/find-contractions.ts';
import { compareMigrations, describeProblem, formatHashes, parseHashes } from './migrations/compare-migrations.ts';

const FOLDER = 'packages/store/src/sqlite/migrations';
const landed = new Map([
  [`${FOLDER}/0001-initial.sql`, 'aa'],
  [`${FOLDER}/0002-receipts.sql`, 'bb'],
  ['packages/push-service/src/store/schema.ts#1', 'cc'],
]);

function check(change: Readonly<Record<string, string | undefined>>): string[] {
  const found = new Map(landed);
  for (const [path, hash] of Object.entries(change)) {
    if (hash === undefined) found.delete(path);
    else found.set(path, hash);
  }
  return compareMigrations(landed, found).map(({ path, kind }) => `${path.split('/').at(-1)} ${kind}`);
}

test('nothing is wrong while the migrations are those that landed', () => {
  expect(check({})).toEqual([]);
});

test.each<[string, Readonly<Record<string, string | undefined>>, readonly string[]]>([
  ['a migration that changed', { [`${FOLDER}/0002-receipts.sql`]: 'b2' }, ['0002-receipts.sql changed']],
  ['a step that changed', { 'packages/push-service/src/store/schema.ts#1': 'c2' }, ['schema.ts#1 changed']],
  ['a migration that went', { [`${FOLDER}/0002-receipts.sql`]: undefined }, ['0002-receipts.sql missing']],
  ['a new one without a hash', { [`${FOLDER}/0003-new.sql`]: 'dd' }, ['0003-new.sql unrecorded']],
  ['two of one number', { [`${FOLDER}/0002-z.sql`]: 'dd' }, ['0002-z.sql unrecorded', '0002-z.sql misnumbered']],
  ['a gap', { [`${FOLDER}/0004-z.sql`]: 'dd' }, ['0004-z.sql unrecorded', '0004-z.sql misnumbered']],
  ['a name without a number', { [`${FOLDER}/new.sql`]: 'dd' }, ['new.sql unrecorded', 'new.sql misnumbered']],
])('%s is a problem', (_what, change, problems) => {
  expect(check(change)).toEqual(problems);
});

test('each problem says what to do', () => {
  const path = `${FOLDER}/0001-initial.sql`;
  const kinds = ['changed', 'missing', 'unrecorded', 'misnumbered'] as const;
  const advice = kinds.map((kind) => describeProblem({ path, kind }));
  for (const text of advice) expect(text).toContain(path);
  expect(advice[2]).toContain('npm run migrations:record');
});

test('hashes are read as they were written', () => {
  expect(parseHashes(formatHashes(landed))).toEqual(landed);
});

test.each([
  ['ALTER TABLE belfry.devices RENAME COLUMN one TO other;', 'RENAME'],
  ['ALTER TABLE belfry.devices DROP COLUMN one;', 'DROP COLUMN'],
  ['ALTER TABLE belfry.devices ALTER COLUMN one TYPE BIGINT;', 'ALTER COLUMN one TYPE'],
  ['ALTER TABLE belfry.devices ADD COLUMN one BIGINT NOT NULL;', 'ADD COLUMN one BIGINT NOT NULL'],
])('%s breaks the previous release', (sql, found) => {
  expect(findContractions(sql)).toEqual([found]);
});

test.each([
  'ALTER TABLE belfry.devices ADD COLUMN one BIGINT;',
  "ALTER TABLE belfry.devices ADD COLUMN one TEXT NOT NULL DEFAULT '';",
  '-- oldest_reader: 8\nALTER TABLE belfry.devices DROP COLUMN one;',
  '-- RENAME is a word of this comment.\nCREATE TABLE belfry.ones (id BIGINT NOT NULL);',
])('%s does not', (sql) => {
  expect(findContractions(sql)).toEqual([]);
});
