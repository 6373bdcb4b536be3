import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MIGRATIONS } from '../packages/push-service/src/store/schema.ts';
import {
  compareMigrations,
  describeProblem,
  formatHashes,
  LANDED,
  parseHashes,
} from './migrations/compare-migrations.ts';
import { findContractions } from './migrations/find-contractions.ts';

// `npm run check:migrations`: landed migrations never change. With `--record` (`npm run migrations:record`) it adds the hashes of
// new ones; a hash that was recorded stays as it is.

const root = join(import.meta.dirname, '..');
const hashOf = (text: string): string => createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');

const files = globSync('packages/*/src/**/migrations/*.sql', { cwd: root }).map((path) => path.split(sep).join('/'));
const found = new Map([
  ...files.map((path): [string, string] => [path, hashOf(readFileSync(join(root, path), 'utf8'))]),
  ...MIGRATIONS.map((sql, i): [string, string] => [`packages/push-service/src/store/schema.ts#${i + 1}`, hashOf(sql)]),
]);

// Several processes share PostgreSQL, so there a migration only expands. 0002 renamed a column before that was a rule.
const contractions = files
  .filter((path) => path.includes('/postgres/migrations/') && !path.endsWith('/0002-receipts.sql'))
  .flatMap((path) =>
    findContractions(readFileSync(join(root, path), 'utf8')).map((statement) => ({ path, statement })),
  );
for (const { path, statement } of contractions) {
  console.log(
    `${path}: "${statement}" breaks processes of the previous release. Expand now, and contract one release later, ` +
      'with the line "-- oldest_reader: N": the lowest schema number that a process must know to go on.',
  );
}

const landedPath = join(root, LANDED);
let landed = parseHashes(readFileSync(landedPath, 'utf8'));
if (process.argv.includes('--record')) {
  landed = new Map([...found, ...landed]);
  writeFileSync(landedPath, formatHashes(landed));
}
const problems = compareMigrations(landed, found);
for (const problem of problems) console.log(describeProblem(problem));
if (problems.length + contractions.length > 0) process.exitCode = 1;
else console.log(`No landed migration has changed (${landed.size})`);
