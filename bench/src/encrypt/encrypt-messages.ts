import { createECDH, randomBytes } from 'node:crypto';
import {
  type AuthSecret,
  branded,
  createVapidToken,
  type Encryptor,
  endpointOrigin,
  generateVapidKeys,
  type P256dh,
  type PushServiceOrigin,
  parseAuthSecret,
  parseEndpoint,
  parseP256dh,
  toSigningKey,
  vapidAuthorization,
} from '@belfry/protocol';
import webPush from 'web-push';

export interface BenchMessage {
  readonly authorization: string;
  readonly body: Uint8Array | undefined;
}

/** One that was parsed when it was saved, as in Belfry's store, and as the browser's JSON, which web-push takes. */
export interface BenchSubscription {
  readonly audience: PushServiceOrigin;
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
  readonly json: { readonly endpoint: string; readonly keys: { readonly p256dh: string; readonly auth: string } };
}

const PLAINTEXT_BYTES = 200;
/** A page of a fan-out. */
const PAGE_JOBS = 100;
const PUSH_SERVICES = 3;
const SUBJECT = 'mailto:ops@example.com';
const TTL_SECONDS = 60;
const TOKEN_SECONDS = 12 * 3600;

const plaintext = randomBytes(PLAINTEXT_BYTES);
const vapidKeys = generateVapidKeys();
const signingKey = toSigningKey(vapidKeys);

export function makeSubscription(number: number): BenchSubscription {
  const host = `push${number % PUSH_SERVICES}.example.net`;
  const endpoint = parseEndpoint(`https://${host}/wpush/v2/${randomBytes(100).toString('base64url')}`);
  const keys = {
    p256dh: createECDH('prime256v1').generateKeys('base64url'),
    auth: randomBytes(16).toString('base64url'),
  };
  const [p256dh, auth] = [parseP256dh(keys.p256dh), parseAuthSecret(keys.auth)];
  if (!endpoint.ok || !p256dh.ok || !auth.ok) throw new Error('a fresh subscription is well formed');
  return {
    audience: endpointOrigin(endpoint.value),
    p256dh: p256dh.value,
    auth: auth.value,
    json: { endpoint: endpoint.value, keys },
  };
}

/** Body and Authorization header for each, in pages; one token for each push service, as Belfry's server keeps them. */
export async function encryptWithBelfry(
  encryptor: Encryptor,
  subscriptions: readonly BenchSubscription[],
): Promise<readonly BenchMessage[]> {
  const authorizations = new Map<PushServiceOrigin, string>();
  const messages: BenchMessage[] = [];
  for (let at = 0; at < subscriptions.length; at += PAGE_JOBS) {
    const page = subscriptions.slice(at, at + PAGE_JOBS);
    const bodies = await encryptor.encrypt(page.map(({ p256dh, auth }) => ({ plaintext, p256dh, auth })));
    for (const [index, { audience }] of page.entries()) {
      const authorization = authorizations.get(audience) ?? sign(audience);
      authorizations.set(audience, authorization);
      messages.push({ authorization, body: bodies[index] });
    }
  }
  return messages;
}

function sign(audience: PushServiceOrigin): string {
  const expiresAt = Date.now() / 1000 + TOKEN_SECONDS;
  const token = createVapidToken({ audience, expiresAt, subject: branded(SUBJECT), signingKey });
  return vapidAuthorization({ token, publicKey: vapidKeys.publicKey });
}

/** The same, as web-push makes it. */
export function encryptWithWebPush(subscriptions: readonly BenchSubscription[]): readonly webPush.RequestDetails[] {
  const vapidDetails = { subject: SUBJECT, ...vapidKeys };
  return subscriptions.map(({ json }) =>
    webPush.generateRequestDetails(json, plaintext, { vapidDetails, TTL: TTL_SECONDS }),
  );
}
