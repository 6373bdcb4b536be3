import { type Endpoint, endpointOrigin, endpointPath, type PushServiceOrigin } from './endpoint.ts';
import type { Topic } from './topic.ts';
import type { Ttl } from './ttl.ts';
import type { Urgency } from './urgency.ts';

/** One POST to a push service, ready for any HTTP client: header names are in lower case, as HTTP/2 wants them. */
export interface PushRequest {
  readonly origin: PushServiceOrigin;
  /** Path and query, byte for byte as the endpoint has them. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The encrypted body; empty for a push without payload. */
  readonly body: Uint8Array;
}

export interface PushRequestOptions {
  readonly endpoint: Endpoint;
  /** What `encrypt` made, or nothing for a push without payload. */
  readonly body?: Uint8Array;
  /** Seconds that the push service keeps the message. */
  readonly ttl: Ttl;
  readonly urgency?: Urgency;
  readonly topic?: Topic;
  /** The `Authorization` header's value, from `vapidAuthorization`. */
  readonly authorization: string;
}

/** The request of RFC 8030 §5. `content-length` is always given: WNS refuses chunked bodies. */
export function createPushRequest(options: PushRequestOptions): PushRequest {
  const origin = endpointOrigin(options.endpoint);
  const body = options.body ?? new Uint8Array();
  return {
    origin,
    path: endpointPath(options.endpoint),
    headers: {
      ttl: String(options.ttl),
      ...(options.urgency === undefined ? {} : { urgency: options.urgency }),
      ...(options.topic === undefined ? {} : { topic: options.topic }),
      authorization: options.authorization,
      'content-length': String(body.length),
      ...(body.length === 0 ? {} : { 'content-encoding': 'aes128gcm', 'content-type': 'application/octet-stream' }),
    },
    body,
  };
}
