import { expect, test } from 'vitest';
import { checkSequences } from './check-sequences.ts';

test('nobody but the bound user’s browser gets a message, in 2,000 sequences', { timeout: 600_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  expect(await checkSequences({ sequences: 2000, seed })).toMatchObject({ sequences: 2000, broken: null });
});
