import type { IncomingMessage } from 'node:http';
import { readBody } from '../endpoint/read-body.ts';
import { ControlError } from './control-error.ts';

/** More than the longest fault, whose body has 16 384 characters, however it is escaped. */
const MAX_BODY_BYTES = 131_072;

/**
 * A request's JSON; `{}` for an empty body, as of an action that takes nothing. It has to be declared as JSON, which a
 * page of another origin cannot do unasked.
 *
 * @returns 'aborted' where the client went away
 * @throws {ControlError} `unsupported-media-type`, `body-too-large`, `invalid-request`
 */
export async function readJsonBody(request: IncomingMessage): Promise<{ readonly json: unknown } | 'aborted'> {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new ControlError('unsupported-media-type', 'POST and PUT need content-type: application/json');
  }
  const body = await readBody(request, { maxBytes: MAX_BODY_BYTES });
  if (body === 'aborted') return body;
  if (body === 'too-large') {
    throw new ControlError('body-too-large', `The body may have at most ${MAX_BODY_BYTES} bytes`);
  }
  if (body.length === 0) return { json: {} };
  const json = parseJson(body);
  // To valibot an empty array is an empty object.
  if (json === undefined || Array.isArray(json)) {
    throw new ControlError('invalid-request', 'The body must be a JSON object, in UTF-8');
  }
  return { json };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
