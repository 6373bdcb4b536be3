import type { OutgoingHttpHeaders } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { CORS_HEADERS } from './cors-headers.ts';
import { ERROR_ANSWERS, type Refusal } from './error-answer.ts';
import { RECEIPT_RELATION } from './receipt-request.ts';

export type Answer =
  | {
      readonly type: 'accepted';
      /** URL of the message. */
      readonly location: string;
      readonly ttlSeconds: number;
      /** URL of the receipt subscription, where the push asked for a receipt and will get one. */
      readonly receipts: string | undefined;
    }
  | { readonly type: 'deleted' }
  | { readonly type: 'preflight'; readonly headers: OutgoingHttpHeaders }
  | ({ readonly type: 'refused'; readonly allow?: string } & RefusalDetails)
  /** The client went away before it had sent everything. */
  | { readonly type: 'aborted' }
  /** Receipts are told as they come. */
  | { readonly type: 'streamed' };

export interface RefusalDetails {
  readonly refusal: Refusal;
  /** When it is worth another try. */
  readonly retryAfterSeconds?: number | undefined;
}

export function writeAnswer(response: Http2ServerResponse, answer: Answer): void {
  switch (answer.type) {
    case 'accepted':
      response.writeHead(answer.receipts === undefined ? 201 : 202, acceptedHeaders(answer));
      response.end();
      return;
    case 'deleted':
      response.writeHead(204, CORS_HEADERS);
      response.end();
      return;
    case 'preflight':
      response.writeHead(200, answer.headers);
      response.end();
      return;
    case 'refused': {
      const error = ERROR_ANSWERS[answer.refusal];
      response.writeHead(error.code, {
        ...CORS_HEADERS,
        'content-type': 'application/json',
        ...(error.code === 401 ? { 'www-authenticate': 'vapid' } : {}),
        ...(answer.allow === undefined ? {} : { allow: answer.allow }),
        ...(answer.retryAfterSeconds === undefined ? {} : { 'retry-after': String(answer.retryAfterSeconds) }),
      });
      response.end(JSON.stringify(error));
      return;
    }
    case 'aborted':
    case 'streamed':
      return;
  }
}

function acceptedHeaders(answer: Answer & { readonly type: 'accepted' }): OutgoingHttpHeaders {
  const { location, ttlSeconds, receipts } = answer;
  const headers = { ...CORS_HEADERS, location, ttl: String(ttlSeconds), 'content-length': '0' };
  if (receipts === undefined) return headers;
  return { ...headers, link: `<${receipts}>; rel="${RECEIPT_RELATION}"`, 'preference-applied': 'respond-async' };
}
