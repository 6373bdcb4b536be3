import { MAX_BODY_BYTES, parseTopic, parseUrgency } from '@belfry/protocol';
import type { Refusal } from '../endpoint/refusal.ts';
import type { MessageId } from '../identifiers.ts';
import { MAX_TTL_SECONDS } from '../limits.ts';
import { createdHeaders } from './created-headers.ts';
import type { Persona, WrittenAnswer } from './persona.ts';

interface AppleError {
  readonly status: number;
  readonly reason: string;
}

const BAD_JWT_TOKEN: AppleError = { status: 403, reason: 'BadJwtToken' };
const BAD_TTL: AppleError = { status: 400, reason: 'BadTtl' };
const BAD_TOPIC: AppleError = { status: 400, reason: 'BadWebPushTopic' };
const TOO_MANY: AppleError = { status: 429, reason: 'TooManyRequests' };

/** From Apple's documentation as others quote it, and from reports; 404, 405 and 500 from that of native pushes. */
const ERRORS: Readonly<Record<Refusal, AppleError>> = {
  'missing-ttl': BAD_TTL,
  'invalid-ttl': BAD_TTL,
  'invalid-topic': BAD_TOPIC,
  'invalid-encoding': { status: 400, reason: 'BadWebPushRequest' },
  'vapid-missing': BAD_JWT_TOKEN,
  'vapid-malformed': BAD_JWT_TOKEN,
  // Documented as 403, and seen as 400 by several independent senders.
  'vapid-key-mismatch': { status: 400, reason: 'VapidPkHashMismatch' },
  'vapid-bad-signature': BAD_JWT_TOKEN,
  'vapid-wrong-audience': BAD_JWT_TOKEN,
  'vapid-expired': BAD_JWT_TOKEN,
  'vapid-lives-too-long': BAD_JWT_TOKEN,
  'unknown-url': { status: 404, reason: 'BadPath' },
  'method-not-allowed': { status: 405, reason: 'MethodNotAllowed' },
  unregistered: { status: 410, reason: 'Unregistered' },
  'body-too-large': { status: 413, reason: 'PayloadTooLarge' },
  misdirected: { status: 421, reason: 'BadPath' },
  'too-many-pushes': TOO_MANY,
  'too-many-pending': TOO_MANY,
  unavailable: { status: 503, reason: 'ServiceUnavailable' },
  'internal-error': { status: 500, reason: 'InternalServerError' },
};

/** As Apple answers, at the endpoints of Safari and of web apps on iOS. */
export const apple: Persona = {
  name: 'apple',
  maxBodyBytes: MAX_BODY_BYTES,
  maxTtlSeconds: MAX_TTL_SECONDS,
  givesReceipts: false,
  check({ header, subject }) {
    // Without a token there is no subject: a JWT that is missing is a bad one here, whatever the subscription is bound to.
    if (subject === undefined || !isContact(subject)) return answer(BAD_JWT_TOKEN);
    // TTL 0 is taken. The documentation is quoted as asking for a positive one, but pywebpush, whose TTL is 0 unless told
    // otherwise, is reported to reach iPhones with it (MoviePilot#6034).
    const topic = header('topic');
    if (topic !== undefined && !decodes(topic)) return answer(BAD_TOPIC);
    if (!parseUrgency(header('urgency') ?? 'normal').ok) return answer({ status: 400, reason: 'BadUrgency' });
    return undefined;
  },
  accepted: (push) => ({ status: 201, headers: { ...createdHeaders(push), 'apns-id': apnsId(push.messageId) } }),
  // Of a Retry-After nothing is documented.
  refused: ({ refusal }) => answer(ERRORS[refusal]),
};

function answer({ status, reason }: AppleError): WrittenAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ reason }) };
}

/** Not by the parser of Belfry's own sender, so that a mistake of that cannot agree with itself. */
function isContact(subject: string): boolean {
  const url = /[\s<>]/.test(subject) ? null : URL.parse(subject);
  if (url === null) return false;
  const host = url.protocol === 'mailto:' ? url.pathname.slice(url.pathname.lastIndexOf('@') + 1) : url.hostname;
  // localhost: web-push#947; .local and .invalid: one report each. That example.com is refused is suspected only.
  return host !== '' && !/(^|\.)(localhost|local|invalid)$/i.test(host);
}

/** Base64url of any octets has no length of 4n + 1: "new_event" has, "event" too. */
function decodes(topic: string): boolean {
  return parseTopic(topic).ok && topic.length % 4 !== 1;
}

/** The 128 bits of our identifier as a UUID. */
function apnsId(id: MessageId): string {
  const hex = Buffer.from(id, 'base64url').toString('hex').toUpperCase();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
