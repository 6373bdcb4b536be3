import type { MessageId } from '@belfry/store';
import type { Logger } from '../effects.ts';

/** Says of a message, once, that some devices may not get it. */
export function createSizeWarning(logger: Logger): (message: { readonly id: MessageId }, bytes: number) => void {
  let last: MessageId | undefined;
  return ({ id }, bytes) => {
    if (id === last) return;
    last = id;
    logger.warn('A message may be too large for Firefox on Android', { message: id, bytes });
  };
}
