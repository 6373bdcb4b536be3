import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { README, withFigures } from './readme-figures.ts';

test("the README's figures are those that the benches reported: npm run bench:readme writes them", () => {
  const readme = readFileSync(README, 'utf8');
  expect(withFigures(readme)).toBe(readme);
});
