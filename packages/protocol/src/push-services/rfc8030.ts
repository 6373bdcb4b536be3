import type { AnswerRule, PushServiceRules } from './push-service-rules.ts';

/** What holds of every push service, unless its own table says otherwise. */
const ANSWERS: readonly AnswerRule[] = [
  { status: [200, 299], means: 'accepted' },
  // RFC 8030 §7.3 has 404 for a subscription that expired; services say 410 too.
  { status: 404, means: 'gone' },
  { status: 410, means: 'gone' },
  // RFC 8292 §4.2: 401 for no token, 403 for a bad one or another key. Which of these it is, only some services say.
  { status: 401, means: 'misconfigured' },
  { status: 403, means: 'misconfigured' },
  // RFC 8030 §8.4 counts pushes for each subscription.
  { status: 429, means: 'throttled' },
  { status: 408, means: 'retrying' },
  { status: 425, means: 'retrying' },
  // RFC 9110 §15.6.4: it is the server that is unavailable, and it says for how long.
  { status: 503, retryAfter: true, means: 'retrying-origin' },
  { status: [500, 599], means: 'retrying' },
  // A TTL, a topic or a header that it does not take (RFC 8030 §5), no length, or too long a body (§7.2).
  { status: 400, means: 'bad-message' },
  { status: 411, means: 'bad-message' },
  { status: 413, means: 'bad-message' },
  // Redirects too: an endpoint that leads elsewhere could lead inside.
  { means: 'rejected' },
];

/** Any push service of which nothing more is known than that it follows RFC 8030. */
export const rfc8030: PushServiceRules = {
  name: 'rfc8030',
  hosts: [],
  maxTtlSeconds: 2 ** 31 - 1,
  explanation: () => '',
  answers: ANSWERS,
};
