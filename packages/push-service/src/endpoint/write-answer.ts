import type { Http2ServerResponse } from 'node:http2';
import type { WrittenAnswer } from '../personas/persona.ts';
import { CORS_HEADERS } from './cors-headers.ts';

/** @param answer undefined where there is none to write: the client went away, is told as things come, or a fault has it so */
export function writeAnswer(response: Http2ServerResponse, answer: WrittenAnswer | undefined): void {
  if (answer === undefined) return;
  response.writeHead(answer.status, { ...CORS_HEADERS, ...answer.headers });
  response.end(answer.body ?? '');
}
