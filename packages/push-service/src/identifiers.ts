import { type AuthSecret, type Brand, branded, encodeBase64Url } from '@belfry/protocol';
import type { GcmCredentials } from './gcm-credentials.ts';

/** A user agent: 32 hex digits. A secret between Firefox and the service, and the service's alone where it is a Chromium. */
export type Uaid = Brand<string, 'Uaid'>;

/** A subscription as its user agent names it, unguessable: Firefox by a UUID, Chromium by a digest of its own names. */
export type ChannelId = Brand<string, 'ChannelId'>;

/** The unguessable last segment of an endpoint: whoever holds it can send. */
export type EndpointToken = Brand<string, 'EndpointToken'>;

/** A push message: the `version` of its notification, and the last segment of its `Location`. */
export type MessageId = Brand<string, 'MessageId'>;

/** The unguessable last segment of a receipt subscription (RFC 8030 §5.1): whoever holds it is told of deliveries. */
export type ReceiptToken = Brand<string, 'ReceiptToken'>;

export interface IdentifierSource {
  uaid(): Uaid;
  endpointToken(): EndpointToken;
  messageId(): MessageId;
  gcmCredentials(): GcmCredentials;
  receiptToken(): ReceiptToken;
  /** Of a subscription that the service receives for itself, like the secret below it. */
  channelId(): ChannelId;
  authSecret(): AuthSecret;
}

/** Identifiers of 128 bits, endpoint tokens of 256, from a source of random octets such as `randomBytes`. */
export function createIdentifierSource(randomOctets: (size: number) => Uint8Array): IdentifierSource {
  return {
    uaid: () => branded(Buffer.from(randomOctets(16)).toString('hex')),
    endpointToken: () => branded(encodeBase64Url(randomOctets(32))),
    messageId: () => branded(encodeBase64Url(randomOctets(16))),
    receiptToken: () => branded(encodeBase64Url(randomOctets(32))),
    channelId: () => branded(encodeBase64Url(randomOctets(32))),
    authSecret: () => branded(new Uint8Array(randomOctets(16))),
    gcmCredentials: () => ({ androidId: branded(gcmNumber()), securityToken: branded(gcmNumber()) }),
  };

  /** Below 2^63 and not 0, as Chromium wants them; 62 bits of it are random. */
  function gcmNumber(): string {
    return String(BigInt.asUintN(63, Buffer.from(randomOctets(8)).readBigUInt64LE()) | 1n);
  }
}
