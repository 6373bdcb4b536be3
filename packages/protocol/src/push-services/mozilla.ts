import { ENDPOINT_TOKEN } from './endpoint-token.ts';
import { jsonField } from './json-field.ts';
import type { PushServiceRules } from './push-service-rules.ts';

/** Mozilla's autopush: Firefox. Its `errno` is stable, its messages are not. */
export const mozilla: PushServiceRules = {
  name: 'mozilla',
  hosts: ['updates.push.services.mozilla.com'],
  // v1 without a VAPID key, v2 with one.
  endpointPath: new RegExp(`^/wpush/v[12]/${ENDPOINT_TOKEN}$`, 'v'),
  maxTtlSeconds: 2_592_000,
  // The bridge to Firefox on Android has 4096 bytes for JSON with the body in base64: 4 × (2820 + 103) / 3 = 3898 leave
  // about 200 for the rest. It is the length that web-push-php pads to as well, after 3052 had proved too long.
  safePlaintextBytes: 2820,
  explanation: ({ body }) => `errno ${jsonField(body, 'errno')}: ${jsonField(body, 'message')}`,
  answers: [
    // One errno for all that can be wrong with a token. Should this message change, the mismatch is recognised as that of
    // any service is: by the other devices, whose messages are accepted.
    { status: 401, says: /VAPID public key mismatch/i, means: 'key-mismatch' },
    { status: 401, says: /errno 109/, means: 'misconfigured' },
    // 102: an endpoint that never was. 103: the browser is gone. 105, 106: the subscription is.
    { says: /errno (102|103|105|106)\b/, means: 'gone' },
    { status: 413, says: /errno 104/, means: 'bad-message' },
    { status: 400, says: /errno 11[0-4]\b/, means: 'bad-message' },
    // Its way to say "too many requests": it has no 429.
    { status: 503, retryAfter: true, means: 'throttled-origin' },
  ],
};
