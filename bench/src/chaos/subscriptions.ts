import { createECDH, randomBytes } from 'node:crypto';
import { type AuthSecret, decrypt, parseAuthSecret } from '@belfry/protocol';

/** What a server knows of a subscription; the number of it is in its endpoint. */
export interface ChaosSubscription {
  readonly endpoint: string;
  /** Unpadded base64url. */
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

interface Keys {
  readonly privateKey: Uint8Array;
  readonly auth: AuthSecret;
}

/** Subscriptions whose messages this process can read. */
export class Subscriptions {
  readonly #keys: Keys[] = [];

  /** Makes so many, spread over the origins in turn. */
  make(count: number, origins: readonly string[]): ChaosSubscription[] {
    return Array.from({ length: count }, (_, number) => {
      const pair = createECDH('prime256v1');
      const p256dh = pair.generateKeys().toString('base64url');
      const auth = randomBytes(16).toString('base64url');
      const secret = parseAuthSecret(auth);
      if (!secret.ok) throw new Error('a fresh secret is well formed');
      this.#keys.push({ privateKey: pair.getPrivateKey(), auth: secret.value });
      return { endpoint: `${origins[number % origins.length]}/push/${number}`, keys: { p256dh, auth } };
    });
  }

  /** The number of the subscription that a path leads to; undefined where there is none. */
  numberOf(path: string | undefined): number | undefined {
    const digits = /^\/push\/(\d{1,9})$/.exec(path ?? '')?.[1];
    return digits !== undefined && Number(digits) < this.#keys.length ? Number(digits) : undefined;
  }

  /** What its user agent would read; undefined where it was not encrypted for it. */
  read(number: number, body: Uint8Array): unknown {
    const keys = this.#keys[number];
    if (keys === undefined) return undefined;
    const opened = decrypt({ body, ...keys });
    return opened.ok ? JSON.parse(new TextDecoder().decode(opened.value)) : undefined;
  }
}
