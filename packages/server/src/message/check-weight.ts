import { BelfryError } from '../errors.ts';
import { MAX_MESSAGE_WEIGHT } from '../limits.ts';

/**
 * Refuses a message that is far larger than a push can be before anything else reads it. Its weight is the characters of
 * all texts and names, and 1 for each value: less than its JSON has bytes. It stops at the limit.
 *
 * @throws {BelfryError} `message-too-large`
 */
export function checkWeight(message: unknown): void {
  let weight = 0;
  // A list instead of recursion: what is nested deeply must not overflow the stack. It never grows beyond the limit.
  const waiting: unknown[] = [message];
  while (waiting.length > 0) {
    const value = waiting.pop();
    add(typeof value === 'string' ? value.length : 1);
    if (Array.isArray(value)) {
      if (value.length > MAX_MESSAGE_WEIGHT) add(value.length);
      waiting.push(...value);
    } else if (typeof value === 'object' && value !== null) {
      for (const name in value) {
        add(name.length);
        waiting.push(Reflect.get(value, name));
        if (waiting.length > MAX_MESSAGE_WEIGHT) add(waiting.length);
      }
    }
  }

  function add(more: number): void {
    weight += more;
    if (weight > MAX_MESSAGE_WEIGHT) {
      throw new BelfryError(
        'message-too-large',
        `A message may have at most ${MAX_MESSAGE_WEIGHT} characters and values, and a push message holds far less`,
      );
    }
  }
}
