import { createECDH, randomBytes } from 'node:crypto';
import { type AuthSecret, branded, type DecryptError, decrypt, encodeBase64Url, type Parsed } from '@belfry/protocol';

/** As `PushSubscription.toJSON()` gives it in a browser. */
export interface PushSubscriptionJson {
  readonly endpoint: string;
  readonly expirationTime: null;
  /** Unpadded base64url: a point of 65 octets, and 16 octets. */
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** As many as Firefox remembers of a subscription (`dom.push.maxRecentMessageIDsPerSubscription`). */
const REMEMBERED_VERSIONS = 10;

/** One subscription's keys, and what it has received. */
export class AgentSubscription {
  readonly channelId: string = crypto.randomUUID();
  readonly #auth: AuthSecret = branded(new Uint8Array(randomBytes(16)));
  readonly #privateKey: Uint8Array;
  readonly #p256dh: string;
  readonly #recentVersions: string[] = [];

  constructor() {
    const keyPair = createECDH('prime256v1');
    this.#p256dh = encodeBase64Url(keyPair.generateKeys());
    this.#privateKey = keyPair.getPrivateKey();
  }

  /** base64url of 32 octets. */
  get privateKey(): string {
    // Node gives a number without its leading zeros.
    const octets = new Uint8Array(32);
    octets.set(this.#privateKey, 32 - this.#privateKey.length);
    return encodeBase64Url(octets);
  }

  toJson(endpoint: string): PushSubscriptionJson {
    const keys = { p256dh: this.#p256dh, auth: encodeBase64Url(this.#auth) };
    return { endpoint, expirationTime: null, keys };
  }

  /** Whether this version came before; a service sends again what it saw no acknowledgement of. */
  isRepeated(version: string | undefined): boolean {
    if (version === undefined) return false;
    if (this.#recentVersions.includes(version)) return true;
    this.#recentVersions.push(version);
    if (this.#recentVersions.length > REMEMBERED_VERSIONS) this.#recentVersions.shift();
    return false;
  }

  decrypt(body: Uint8Array): Parsed<Uint8Array, DecryptError> {
    return decrypt({ body, privateKey: this.#privateKey, auth: this.#auth });
  }
}
