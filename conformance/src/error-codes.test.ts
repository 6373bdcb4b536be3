import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The server's errors have a test of their own, beside them.
test.each([
  ['client', 'push-client-error.ts', 'PushClientError'],
  ['push-service', 'errors.ts', 'PushServiceError'],
  ['testing', 'errors.ts', 'TestingError'],
])('the reference of %s lists every code of its errors, and no other', (name, file, errorName) => {
  const source = read(`packages/${name}/src/${file}`);
  const union = new RegExp(`export type ${errorName}Code =([^;]+);`).exec(source)?.[1] ?? '';
  const codes = Array.from(union.matchAll(/'([a-z-]+)'/g), ([, code]) => code);
  const [, afterHead = ''] = read(`docs/reference/${name}.md`).split(`| \`${errorName}\` code |`);
  const [table = ''] = afterHead.split('\n\n');
  const firstCells = Array.from(table.matchAll(/^\| (`[^|]+) \|/gm), ([, cell = '']) => cell);
  const documented = firstCells.flatMap((cell) => Array.from(cell.matchAll(/`([a-z-]+)`/g), ([, code]) => code));
  expect(codes).not.toEqual([]);
  expect(new Set(documented)).toEqual(new Set(codes));
});

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
