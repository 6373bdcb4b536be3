import { ENDPOINT_TOKEN } from './endpoint-token.ts';
import type { PushServiceRules } from './push-service-rules.ts';

// jmt17: Chromium builds outside Google's release channels.
const HOSTS = ['fcm.googleapis.com', 'jmt17.google.com'];
// `/fcm/send/` in every release; `/wp/` and `/preprod/wp/` in builds with the feature PushMessagingGcmEndpointWebpushPath.
const PATHS = ['fcm/send', 'wp', 'preprod/wp'];

/** Firebase Cloud Messaging: Chrome and most of what is built on Chromium. */
export const fcm: PushServiceRules = {
  name: 'fcm',
  hosts: HOSTS,
  endpointPath: new RegExp(`^/(?:${PATHS.join('|')})/${ENDPOINT_TOKEN}$`, 'v'),
  // All builds get their tokens from one registry, so either host may serve any token.
  spellings: ({ token }) => HOSTS.flatMap((host) => PATHS.map((path) => `https://${host}/${path}/${token}`)),
  maxTtlSeconds: 2_419_200,
  // A line of text; an HTML page for a TTL.
  explanation: ({ body }) => body,
  answers: [
    { status: 403, says: /do not correspond to the credentials used to create/, means: 'key-mismatch' },
    { status: 403, says: /invalid JWT provided|aud claim in the token/, means: 'misconfigured' },
    { status: 401, says: /authorization header must be specified/, means: 'misconfigured' },
    // How it said 403 in former years.
    { status: 400, says: /UnauthorizedRegistration/, means: 'misconfigured' },
  ],
};
