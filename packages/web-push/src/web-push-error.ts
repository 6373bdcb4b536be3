import type { Headers } from './types.ts';

/** The push service answered something else than a 2xx. */
export class WebPushError extends Error {
  readonly statusCode: number;
  readonly headers: Headers;
  readonly body: string;
  /** Not enumerable, so that a logged error does not give it away: whoever has an endpoint can send to it. */
  declare readonly endpoint: string;

  // Five parameters, as web-push's users have them in their tests.
  constructor(message: string, statusCode: number, headers: Headers, body: string, endpoint: string) {
    super();
    // Assigned rather than inherited: JSON.stringify shows both, as it does of web-push's.
    this.name = new.target.name;
    this.message = message;
    this.statusCode = statusCode;
    this.headers = headers;
    this.body = body;
    Object.defineProperty(this, 'endpoint', { value: endpoint, configurable: true, writable: true });
  }
}
