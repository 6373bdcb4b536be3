import { branded, type VapidPrivateKey, type VapidPublicKey, type VapidSubject } from '@belfry/protocol';

/** Details as web-push takes them, which is more than a push service does: the pair need not belong together. */
export interface CheckedVapidDetails {
  readonly subject: VapidSubject;
  readonly publicKey: VapidPublicKey;
  readonly privateKey: VapidPrivateKey;
}

/** As given: callers without types may leave out what they want. */
export interface GivenVapidDetails {
  readonly subject: string | null | undefined;
  readonly publicKey: string | null | undefined;
  readonly privateKey: string | null | undefined;
}

/** Throws what web-push throws, in its order: subject, public key, private key. */
export function checkVapidDetails(details: GivenVapidDetails, warn: (message: string) => void): CheckedVapidDetails {
  return {
    subject: branded(checkSubject(details.subject, warn)),
    publicKey: branded(checkPublicKey(details.publicKey)),
    privateKey: branded(checkPrivateKey(details.privateKey)),
  };
}

function checkSubject(subject: GivenVapidDetails['subject'], warn: (message: string) => void): string {
  if (!subject) throw new Error('No subject set in vapidDetails.subject.');
  if (typeof subject !== 'string') {
    throw new Error(
      `The subject value must be a string containing an https: URL or mailto: address. ${String(subject)}`,
    );
  }
  const url = URL.parse(subject);
  if (url === null) throw new Error(`Vapid subject is not a valid URL. ${subject}`);
  if (url.protocol !== 'https:' && url.protocol !== 'mailto:') {
    throw new Error(`Vapid subject is not an https: or mailto: URL. ${subject}`);
  }
  if (url.hostname === 'localhost') {
    warn(
      "Vapid subject points to a localhost web URI, which is unsupported by Apple's push notification server and will " +
        'result in a BadJwtToken error when sending notifications.',
    );
  }
  return subject;
}

function checkPublicKey(key: GivenVapidDetails['publicKey']): string {
  if (!key) throw new Error('No key set vapidDetails.publicKey');
  if (typeof key !== 'string') throw new Error('Vapid public key is must be a URL safe Base 64 encoded string.');
  if (!isBase64Url(key)) throw new Error('Vapid public key must be a URL safe Base 64 (without "=")');
  if (Buffer.from(key, 'base64url').length !== 65) {
    throw new Error('Vapid public key should be 65 bytes long when decoded.');
  }
  return key;
}

function checkPrivateKey(key: GivenVapidDetails['privateKey']): string {
  if (!key) throw new Error('No key set in vapidDetails.privateKey');
  if (typeof key !== 'string') throw new Error('Vapid private key must be a URL safe Base 64 encoded string.');
  if (!isBase64Url(key)) throw new Error('Vapid private key must be a URL safe Base 64 (without "=")');
  if (Buffer.from(key, 'base64url').length !== 32) {
    throw new Error('Vapid private key should be 32 bytes long when decoded.');
  }
  return key;
}

/** Of any length, unlike `decodeBase64Url`'s texts: what is too short or too long has a message of its own. */
export function isBase64Url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text);
}
