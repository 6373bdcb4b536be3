import type { BelfryError } from '../errors.ts';

/** A JSON answer. Nothing that Belfry answers may be kept by a cache: all of it is somebody's own, or may change. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });
}

/** 204: it is done, and there is no more to say. */
export function emptyAnswer(): Response {
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
}

/** `{ error: { id, message } }` with the error's status. */
export function errorAnswer(
  { id, message, status }: Pick<BelfryError, 'id' | 'message' | 'status'>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonAnswer(status, { error: { id, message } }, headers);
}
