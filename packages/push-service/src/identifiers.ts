import { type Brand, branded, encodeBase64Url } from '@belfry/protocol';

/** A user agent, named by the service at its first hello: 32 hex digits, and a secret between the two. */
export type Uaid = Brand<string, 'Uaid'>;

/** A subscription as its user agent names it: a random UUID, dashed and lowercase. */
export type ChannelId = Brand<string, 'ChannelId'>;

/** The unguessable last segment of an endpoint: whoever holds it can send. */
export type EndpointToken = Brand<string, 'EndpointToken'>;

/** A push message: the `version` of its notification, and the last segment of its `Location`. */
export type MessageId = Brand<string, 'MessageId'>;

export interface IdentifierSource {
  uaid(): Uaid;
  endpointToken(): EndpointToken;
  messageId(): MessageId;
}

/** Identifiers of 128 bits, endpoint tokens of 256, from a source of random octets such as `randomBytes`. */
export function createIdentifierSource(randomOctets: (size: number) => Uint8Array): IdentifierSource {
  return {
    uaid: () => branded(Buffer.from(randomOctets(16)).toString('hex')),
    endpointToken: () => branded(encodeBase64Url(randomOctets(32))),
    messageId: () => branded(encodeBase64Url(randomOctets(16))),
  };
}
