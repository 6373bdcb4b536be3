import { InvalidArgumentError } from 'commander';

/** The value of an option that counts something. */
export function parseCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count === 0) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return count;
}
