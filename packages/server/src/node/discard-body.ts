import { Http2ServerRequest } from 'node:http2';
import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '../effects.ts';
import { DISCARD_BODY_MS, MAX_DISCARDED_BYTES } from '../limits.ts';
import type { NodeRequest } from './to-fetch-request.ts';

/**
 * Reads on what nobody has read of a request's body, and forgets it, so that its connection is free for the next request. A
 * socket that is left paused would take a proxy's next request and never answer it. Call it when the answer is there.
 *
 * At most `MAX_DISCARDED_BYTES` are read, for at most `DISCARD_BODY_MS`: then the connection (HTTP/2: the stream) is closed.
 *
 * @param body the stream that reads the request, such as one that decompresses it: as much of it is read. Without a limit, 1 MB of gzip
 *   that became 1 GB took 1.8 s of CPU
 */
export function discardBody(
  request: NodeRequest,
  { clock = systemClock, body }: { readonly clock?: Clock | undefined; readonly body?: Readable | undefined } = {},
): void {
  if (body !== undefined && body !== request) pauseAfter(body, MAX_DISCARDED_BYTES);
  if (request.readableEnded || request.destroyed) return;
  let bytes = 0;
  const cancel = clock.after(DISCARD_BODY_MS, () => {
    end();
    if (request instanceof Http2ServerRequest) request.stream.close();
    else request.destroy();
  });
  const onData = (chunk: Uint8Array): void => {
    bytes += chunk.byteLength;
    // The client is held up, reads its answer meanwhile, and the time ends the connection.
    if (bytes > MAX_DISCARDED_BYTES) request.off('data', onData).pause();
  };
  const end = (): void => {
    cancel();
    request.off('data', onData).off('end', end).off('close', end);
  };
  request.on('data', onData).on('end', end).on('close', end).on('error', end);
  request.resume();
}

function pauseAfter(body: Readable, maxBytes: number): void {
  let bytes = 0;
  body.on('data', (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) body.pause();
  });
  body.resume();
}
