import type { OutgoingHttpHeaders } from 'node:http';
import type { MessageId } from '../identifiers.ts';
import type { Refusal } from '../endpoint/refusal.ts';

/** Whose answers the endpoints give. `rfc8030` is nobody's in particular: all of the RFC, with errors that explain. */
export const PERSONA_NAMES = ['rfc8030', 'fcm', 'mozilla', 'apple', 'wns'] as const;
export type PersonaName = (typeof PERSONA_NAMES)[number];

/** An answer as it goes over HTTP. */
export interface WrittenAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string | undefined;
}

/** What is known of a push when its body has not been read. */
export interface PushHead {
  /** As they came, by lower-case name; one that was given twice is joined by `, `. */
  readonly header: (name: string) => string | undefined;
  /** As asked for, before any clamping. */
  readonly ttlSeconds: number;
  /** The VAPID token's `sub` (RFC 8292 §2.1), where there is a token with one. */
  readonly subject: string | undefined;
}

export interface AcceptedPush {
  readonly messageId: MessageId;
  /** URL of the message. */
  readonly location: string;
  /** For how long it is kept. */
  readonly ttlSeconds: number;
  /** URL of the receipt subscription, where the push asked for a receipt and will get one. */
  readonly receipts: string | undefined;
}

export interface RefusedPush {
  readonly refusal: Refusal;
  /** When it is worth another try; not every persona says so. */
  readonly retryAfterSeconds?: number | undefined;
}

/** How a push service answers its senders. */
export interface Persona {
  readonly name: PersonaName;
  /** Longest body, RFC 8188 header included. */
  readonly maxBodyBytes: number;
  /** For how long a message is kept at most; what asks for longer is clamped, unless `check` refuses it. */
  readonly maxTtlSeconds: number;
  /** Whether it gives receipts (RFC 8030 §5.1). */
  readonly givesReceipts: boolean;
  /** What it refuses beyond RFC 8030, once the sender is known to be right. */
  check(push: PushHead): WrittenAnswer | undefined;
  accepted(push: AcceptedPush): WrittenAnswer;
  refused(push: RefusedPush): WrittenAnswer;
}
