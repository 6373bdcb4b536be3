import { ENDPOINT_TOKEN } from './endpoint-token.ts';
import { jsonField } from './json-field.ts';
import type { PushServiceRules } from './push-service-rules.ts';

/** Apple's push service: Safari, and web apps on iOS. */
export const apple: PushServiceRules = {
  name: 'apple',
  // The other hosts below push.apple.com serve native applications: none of them gives out an endpoint of Web Push.
  hosts: ['web.push.apple.com'],
  // A token, right behind the host.
  endpointPath: new RegExp(`^/${ENDPOINT_TOKEN}$`, 'v'),
  maxTtlSeconds: 2_592_000,
  // `new_event` is legal in RFC 8030, and does not decode.
  decodesTopic: true,
  explanation: ({ body }) => jsonField(body, 'reason'),
  answers: [
    // Documented as 403, seen as 400.
    { says: /^VapidPkHashMismatch$/, means: 'key-mismatch' },
    { says: /^(BadJwtToken|BadVapidPublicKey)$/, means: 'misconfigured' },
    { says: /^Unregistered$/, means: 'gone' },
    { says: /^(BadWebPushTopic|BadWebPushRequest|BadTtl|BadUrgency|PayloadTooLarge)$/, means: 'bad-message' },
    // For each device, and without a Retry-After.
    { says: /^TooManyRequests$/, means: 'throttled' },
  ],
};
