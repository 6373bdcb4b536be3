import { BelfryError } from '../errors.ts';

/**
 * A request's JSON. Its declared length is checked before anything is read, and what arrives is counted, since a
 * chunked body declares none.
 *
 * @throws {BelfryError} `unsupported-media-type`, `body-too-large`, `invalid-json`
 */
export async function readJsonBody(request: Request, maxBytes: number): Promise<unknown> {
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new BelfryError('unsupported-media-type', 'The body must be sent as application/json');
  }
  const tooLarge = new BelfryError('body-too-large', `The body may have at most ${maxBytes} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new BelfryError('invalid-json', 'The body is not JSON in UTF-8');
  }
}
