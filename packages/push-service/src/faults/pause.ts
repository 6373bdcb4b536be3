import type { Http2ServerResponse } from 'node:http2';
import type { Clock } from '../clock.ts';

/** Waits; false if the exchange ended meanwhile, at its client's wish or with the service. */
export function pause(
  clock: Clock,
  { delayMs, response }: { readonly delayMs: number; readonly response: Http2ServerResponse },
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const cancel = clock.after(delayMs, () => resolve(true));
  const ended = (): void => resolve(false);
  response.once('close', ended);
  return promise.finally(() => {
    cancel();
    response.off('close', ended);
  });
}
