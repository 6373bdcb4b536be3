import type { PushServiceRules } from './push-service-rules.ts';

/** The Windows Push Notification Services: Edge. They explain themselves in headers, and have no bodies. */
export const wns: PushServiceRules = {
  name: 'wns',
  hosts: ['*.notify.windows.com'],
  // The token is base64, percent-encoded.
  endpointPath: /^\/w\/\?token=(?:[\w.~+\/=\-]|%(?:2[BbFf]|3[Dd]))+$/v,
  // Not known; that of most.
  maxTtlSeconds: 2_592_000,
  // Its default is to keep a message, which a TTL of 0 contradicts: 400.
  ttlZeroHeaders: { 'x-wns-cache-policy': 'no-cache' },
  // One thing by its present name and its former one.
  explanation: ({ headers }) => (headers['x-wns-status'] ?? headers['x-wns-notificationstatus'] ?? '').toLowerCase(),
  answers: [
    // With 200 as well as with an error.
    { status: [200, 299], says: /^channelthrottled$/, means: 'throttled' },
    { status: [200, 299], says: /^appthrottled$/, means: 'throttled-origin' },
    { status: [200, 299], says: /^dropped$/, means: 'rejected' },
    // 406 is documented; 429 was seen in 2026. It is the sender who is throttled, unless they say that it is the channel.
    { status: 406, says: /^channelthrottled$/, means: 'throttled' },
    { status: 429, says: /^channelthrottled$/, means: 'throttled' },
    { status: 406, means: 'throttled-origin' },
    { status: 429, means: 'throttled-origin' },
  ],
};
