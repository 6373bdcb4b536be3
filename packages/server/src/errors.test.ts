import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_STATUS } from './errors.ts';

test('docs/reference/errors.md lists every error with its status, and no other', () => {
  const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([\w-]+)` \| (\d{3}) \|/gm)].map(([, id, status]) => [id, Number(status)]);
  expect(Object.fromEntries(documented)).toEqual(ERROR_STATUS);
  expect(documented).toHaveLength(Object.keys(ERROR_STATUS).length);
});
