import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { setImmediate } from 'node:timers/promises';

export interface ReadBodyOptions {
  readonly maxBytes: number;
  /** Waited for after each chunk; meanwhile HTTP/2's flow control, or TCP's, holds the client back. */
  readonly afterChunk?: (bytes: number) => Promise<void>;
}

/**
 * A request's body of at most `maxBytes`. What is declared larger is not read, and what turns out larger is not kept;
 * the rest of it is discarded as it comes, because a client that is cut off while it writes may never see the answer.
 */
export async function readBody(
  request: Http2ServerRequest | IncomingMessage,
  { maxBytes, afterChunk }: ReadBodyOptions,
): Promise<Uint8Array | 'too-large' | 'aborted'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return discard(request);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a request without encoding yields bytes');
      bytes += chunk.length;
      if (bytes > maxBytes) break;
      chunks.push(chunk);
      await afterChunk?.(chunk.length);
    }
  } catch (error) {
    if (request.aborted) return 'aborted';
    throw error;
  }
  // Not within the loop: while it listens for `readable`, `resume` has no effect.
  if (bytes > maxBytes) return discard(request);
  // Node ends an HTTP/2 request that was cancelled like a complete one, and says later in the same turn that it was not.
  await setImmediate();
  return request.aborted ? 'aborted' : Buffer.concat(chunks);
}

function discard(request: Http2ServerRequest | IncomingMessage): 'too-large' {
  request.resume();
  return 'too-large';
}
