import { BelfryError } from '../errors.ts';
import { checkUrls } from './check-urls.ts';
import type { DefaultNotification } from './message.ts';
import { parseDefaultNotification } from './parse-message.ts';
import { checkSize } from './wire-message.ts';

/**
 * `BelfryOptions.defaultNotification`, or the one for who gives none.
 *
 * @throws {BelfryError} `invalid-configuration`
 */
export function checkDefaultNotification(input: unknown, origins: readonly [string, ...string[]]): DefaultNotification {
  try {
    const defaultNotification = parseDefaultNotification(input ?? { title: new URL(origins[0]).host });
    checkUrls({ notification: defaultNotification }, origins);
    // Else no message without a notification would fit beside it.
    checkSize({ message: {}, options: {} }, { origins, defaultNotification });
    return defaultNotification;
  } catch (error) {
    if (!(error instanceof BelfryError)) throw error;
    throw new BelfryError('invalid-configuration', `defaultNotification cannot be shown: ${error.message}`);
  }
}
