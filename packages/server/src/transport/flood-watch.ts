import type { Clock } from '../effects.ts';
import { FLOOD_CHECK_MS, MAX_BYTES_PER_REQUEST, MAX_CONNECTION_BYTES, MAX_IDLE_BYTES_PER_SECOND } from '../limits.ts';
import type { Connection } from './connection.ts';

/**
 * Counts now and then what a connection has received, and tells when that is more than its requests can have asked for. Node
 * tells nobody of WINDOW_UPDATE, ALTSVC, ORIGIN, GOAWAY or unknown frames, nor of empty lines before an HTTP/1.1 response,
 * and bounds none of them; the number of bytes is what they have in common.
 *
 * @returns what ends the watch
 */
export function watchForFlood(
  connection: Connection,
  { clock, onFlood }: { readonly clock: Clock; onFlood(): void },
): () => void {
  let budget = MAX_CONNECTION_BYTES;
  let bytes = 0;
  let requests = 0;
  let stop = clock.after(FLOOD_CHECK_MS, check);
  return () => stop();

  function check(): void {
    if (connection.hasEnded) return;
    const asked = connection.requests - requests + connection.active;
    const refill = (MAX_IDLE_BYTES_PER_SECOND * FLOOD_CHECK_MS) / 1_000 + MAX_BYTES_PER_REQUEST * asked;
    budget = Math.min(budget, MAX_CONNECTION_BYTES) + refill - (connection.bytesReceived - bytes);
    ({ bytesReceived: bytes, requests } = connection);
    if (budget < 0) onFlood();
    else stop = clock.after(FLOOD_CHECK_MS, check);
  }
}
