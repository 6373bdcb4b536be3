import { basename } from 'node:path/posix';
import { packageOf } from './import-rules.ts';
import { perSource, type Rule } from './violation.ts';

/** Beginnings of statements as this repository writes them, in capitals: prose says "select from", SQL says SELECT … FROM. */
const SQL =
  /\b(SELECT\s[^]*\bFROM\s|INSERT\s+(OR\s+[A-Z]+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|(CREATE|ALTER|DROP)\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW|TRIGGER)\s|PRAGMA\s+\w)/;

const mayHoldSql = (path: string) => path.startsWith('packages/store/') || path.includes('/store/');

/**
 * SQL stays in packages/store, and in the folders named store of those who keep something of their own. Tests may look
 * into a database, or break one.
 */
const sqlInSources = perSource('sql', (source) =>
  mayHoldSql(source.path) || source.isTest || source.path.startsWith('tools/')
    ? []
    : source.strings
        .filter(({ text }) => SQL.test(text))
        .map(({ line }) => ({ line, advice: 'move the statement into packages/store, or into a folder named store' })),
);

const sqlFiles: Rule = ({ paths }) =>
  paths
    .filter((path) => path.endsWith('.sql') && !mayHoldSql(path))
    .map((file) => ({
      file,
      line: 1,
      rule: 'sql',
      advice: 'move it into packages/store, or into a folder named store',
    }));

/**
 * Where packages make their defaults, and may read the system's clock, timers and random numbers. `testing` is left
 * out: it waits for real browsers, in real time.
 */
const READS_SYSTEM: ReadonlySet<string> = new Set([
  'packages/protocol/src/rfc8291/encrypt.ts',
  'packages/cli/src/main.ts',
  'packages/server/src/effects.ts',
  'packages/server/src/create-belfry.ts',
  'packages/store/src/postgres/postgres.ts',
  'packages/store/src/sqlite/effects.ts',
  'packages/push-service/src/start-push-service.ts',
  'packages/web-push/src/web-push.ts',
  'packages/worker/src/install-push-worker.ts',
]);

/** Effects are arguments. */
const effects = perSource('effects', (source) => {
  const own = packageOf(source);
  if (own === undefined || own === 'testing' || source.isTest || READS_SYSTEM.has(source.path)) return [];
  return source.systemReads.map(({ text, line }) => ({
    line,
    advice: `take ${text} as an argument (clock, random); its default stands where the package makes its defaults`,
  }));
});

/** A drawer is not an idea. */
const fileName: Rule = ({ paths }) =>
  paths
    .filter((path) => path.split('/').some((part) => /^(utils?|helpers?|misc)(\.|$)/.test(part)))
    .map((file) => ({
      file,
      line: 1,
      rule: 'file-name',
      advice: `name ${basename(file)} and its folder after their one idea`,
    }));

const MAX_LINES = 300;

const fileLength = perSource('file-length', ({ isTest, lineCount }) =>
  isTest || lineCount <= MAX_LINES
    ? []
    : [
        {
          line: MAX_LINES + 1,
          advice: `${lineCount} lines hold more than one idea: split them, ${MAX_LINES} is the limit`,
        },
      ],
);

export const sourceRules: readonly Rule[] = [sqlInSources, sqlFiles, effects, fileName, fileLength];
