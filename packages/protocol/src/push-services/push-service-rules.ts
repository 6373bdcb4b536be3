import type { PushServiceOrigin } from '../rfc8030/endpoint.ts';

/** `rfc8030` is any push service that is not one of the others. */
export type PushServiceName = 'fcm' | 'mozilla' | 'apple' | 'wns' | 'rfc8030';

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an answer can mean; `…-origin`: to every subscription of the push service's origin. */
export type AnswerMeaning =
  | 'accepted'
  | 'gone'
  | 'key-mismatch'
  | 'misconfigured'
  | 'throttled'
  | 'throttled-origin'
  | 'retrying'
  | 'retrying-origin'
  | 'bad-message'
  | 'rejected';

/** A row of a push service's table: an answer that fits all of it has its meaning. */
export interface AnswerRule {
  /** A status, or the first and last of a range; any where it is left out. */
  readonly status?: number | readonly [number, number];
  /** In what the answer says of itself. Only fixed words: what it finds may be logged. */
  readonly says?: RegExp;
  /** It has a `Retry-After`. */
  readonly retryAfter?: true;
  readonly means: AnswerMeaning;
}

/** What is known of one push service (sources: docs/reference/push-services.md). */
export interface PushServiceRules {
  readonly name: PushServiceName;
  /** Host names and `*.` patterns of its endpoints. */
  readonly hosts: readonly string[];
  /**
   * Path and query of every endpoint that it gives out, with the part that names the subscription as the group `token`. Where it is
   * not set, any path may be an endpoint's.
   */
  readonly endpointPath?: RegExp;
  /**
   * All endpoints at which it serves one subscription, the same list for each of them. `token` is the group of `endpointPath`, as the
   * endpoint has it. Where it is not set, a subscription has one endpoint.
   */
  spellings?(subscription: { readonly origin: PushServiceOrigin; readonly token: string }): readonly string[];
  /** It keeps no message for longer, and clamps or refuses what asks for more. */
  readonly maxTtlSeconds: number;
  /** Where some of its devices do not get longer messages: bytes of plaintext, padding included. */
  readonly safePlaintextBytes?: number;
  /** It refuses a `Topic` that is no base64url of any octets. */
  readonly decodesTopic?: true;
  /** Headers that a message of TTL 0 needs. */
  readonly ttlZeroHeaders?: Readonly<Record<string, string>>;
  /** The part of an answer that says why. */
  explanation(answer: HttpAnswer): string;
  /** The first row that fits; where none does, that of RFC 8030. */
  readonly answers: readonly AnswerRule[];
}
