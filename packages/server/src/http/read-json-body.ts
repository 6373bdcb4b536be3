import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { BODY_TIMEOUT_MS } from '../limits.ts';
import { isNestedTooDeep } from './is-nested-too-deep.ts';

/**
 * A request's JSON. Its declared length is checked before anything is read, and what arrives is counted, since a
 * chunked body declares none. One that has not arrived after `BODY_TIMEOUT_MS` is given up.
 *
 * @throws {BelfryError} `unsupported-media-type`, `body-too-large`, `body-timeout`, `invalid-json`
 */
export async function readJsonBody(
  request: Request,
  { maxBytes, clock }: { readonly maxBytes: number; readonly clock: Clock },
): Promise<unknown> {
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new BelfryError('unsupported-media-type', 'The body must be sent as application/json');
  }
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readBytes(request, { maxBytes, clock });
  if (isNestedTooDeep(bytes))
    throw new BelfryError('invalid-json', 'The body nests arrays and objects more than 100 levels deep');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new BelfryError('invalid-json', 'The body is not JSON in UTF-8');
  }
}

function tooLarge(maxBytes: number): BelfryError {
  return new BelfryError('body-too-large', `The body may have at most ${maxBytes} bytes`);
}

interface ReadBytes {
  readonly maxBytes: number;
  readonly clock: Clock;
}

async function readBytes({ body }: Request, { maxBytes, clock }: ReadBytes): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const cancelTimer = clock.after(BODY_TIMEOUT_MS, () => {
    reject(new BelfryError('body-timeout', `The body did not arrive within ${BODY_TIMEOUT_MS / 1000} s`));
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), timeout]);
      if (read.done) return Buffer.concat(chunks);
      length += read.value.byteLength;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(read.value);
    }
  } catch (error) {
    // What is not read is for whoever holds the connection: an adapter discards it.
    void reader.cancel().catch(() => {});
    if (error instanceof BelfryError) throw error;
    // The client went away; nobody reads this answer, and it is no fault of the server.
    throw new BelfryError('invalid-json', 'The body ended before it was complete');
  } finally {
    cancelTimer();
  }
}
