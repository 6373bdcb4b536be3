import type { VapidPublicKey } from '@belfry/protocol';
import type { JWTPayload } from 'jose';
import { MAX_VERIFIED_TOKENS } from '../limits.ts';

/** What an `Authorization` says whose signature is good. */
export interface VerifiedToken {
  readonly publicKey: VapidPublicKey;
  readonly claims: JWTPayload;
}

/**
 * The latest headers whose signature was verified. A sender uses its token for hours (RFC 8292 §2), and the ECDSA of each
 * push would be a third of what it costs here.
 */
export class VerifiedTokens {
  readonly #tokens = new Map<string, VerifiedToken>();

  find(authorization: string): VerifiedToken | undefined {
    return this.#tokens.get(authorization);
  }

  keep(authorization: string, token: VerifiedToken): void {
    this.#tokens.set(authorization, token);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MAX_VERIFIED_TOKENS && oldest !== undefined) this.#tokens.delete(oldest);
  }
}
