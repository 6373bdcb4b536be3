import type { PushRequest } from '@belfry/protocol';

/**
 * What came of one POST. Without an answer the push service may or may not have taken the message, except where the
 * address was refused: then nothing was sent.
 */
export type PushAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'no-answer'; readonly reason: 'connection' | 'timeout' | 'refused-address' };

/** Takes push requests to push services. */
export interface PushTransport {
  /** Never rejects, but for an abort by `signal`. */
  send(request: PushRequest, signal: AbortSignal): Promise<PushAnswer>;
  close(): void;
}
