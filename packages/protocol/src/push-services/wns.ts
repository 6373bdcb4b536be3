import type { PushServiceRules } from './push-service-rules.ts';

/** The Windows Push Notification Services: Edge. They explain themselves in headers, and have no bodies. */
export const wns: PushServiceRules = {
  name: 'wns',
  hosts: ['*.notify.windows.com'],
  // The token is base64, percent-encoded. It is known with lower-case digits; with upper-case ones it would be as valid a spelling, but
  // none has both.
  endpointPath: /^\/w\/\?token=(?<token>(?:[A-Za-z0-9]|%2b|%2f|%3d)+|(?:[A-Za-z0-9]|%2B|%2F|%3D)+)$/v,
  spellings: ({ origin, token }) => {
    const encoded = [
      token.replace(/%../gv, (octet) => octet.toLowerCase()),
      token.replace(/%../gv, (octet) => octet.toUpperCase()),
    ];
    return encoded.map((spelling) => `${origin}/w/?token=${spelling}`);
  },
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
