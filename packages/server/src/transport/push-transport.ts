import type { PushRequest, PushServiceOrigin } from '@belfry/protocol';

/**
 * What came of one POST.
 *
 * - `answer`: the push service's
 * - `no-answer`: none came, and the push service may have taken the message. `interrupted`: its connection ended with other requests on
 *   it, any of which may be the cause, so it is worth another try soon
 * - `not-sent`: it certainly has not, because nothing was sent
 */
export type PushAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** Of a status other than 2xx: at most `MAX_ANSWER_BYTES`, as UTF-8. Empty for 2xx, which nobody reads. */
      readonly body: string;
    }
  | { readonly kind: 'no-answer'; readonly reason: 'connection' | 'timeout' }
  | { readonly kind: 'no-answer'; readonly reason: 'interrupted'; readonly retryAfterMs: number }
  | {
      readonly kind: 'not-sent';
      /**
       * - `refused-address`: the host leads to a private address, or is not on the list of push services
       * - `circuit-open`: the origin failed again and again, and is left alone for a while
       * - `paused`: `pause()` asked for that
       * - `busy`: too many origins that have not answered lately are asked at once
       * - `user-busy`: too much waits for devices of the same user, or their requests get no response
       * - `too-late`: it had to begin before `SendOptions.startBy`
       * - `withdrawn`: `SendOptions.isWithdrawn` said so
       * - `expired`: it had to begin before `SendOptions.endsAt`
       */
      readonly reason:
        | 'refused-address'
        | 'circuit-open'
        | 'paused'
        | 'busy'
        | 'user-busy'
        | 'too-late'
        | 'withdrawn'
        | 'expired';
      /** After how long it is worth another try. */
      readonly retryAfterMs?: number;
    };

/** `user` goes before `broadcast`, and has a quarter of each origin's concurrency for itself. */
export type PushPriority = 'user' | 'broadcast';

export interface SendOptions {
  /** Default: `user`. */
  readonly priority?: PushPriority;
  /** Which message it is of: messages of the same priority take turns. Default: all are one. */
  readonly flow?: number;
  /**
   * The user whose device it is for, by Belfry's own number. Each user has a share of an origin's concurrency, and what fails
   * for one user's devices says nothing of the origin. Default: the application's own, which it trusts.
   */
  readonly userId?: number;
  /**
   * The device has accepted a message before, so neither its endpoint nor its push service is made up. A push service that does
   * not answer is then asked every few minutes, and not once an hour, and three users with such devices are enough to close it.
   * Default: nothing is known.
   */
  readonly hasAccepted?: boolean | undefined;
  /** By `Clock.elapsed`: what has not begun by then is not sent, since by its end it would be somebody else's. */
  readonly startBy?: number;
  /**
   * When the message's time to live ends, by `Clock.elapsed`: what has not begun by then is not sent, and what has waited is sent
   * with what is left, where that is less than the request's `TTL` says. Default: never.
   */
  readonly endsAt?: number;
  /** Asked before the request begins: whether it is not to be sent any more. Default: never. */
  isWithdrawn?(): boolean;
}

/** A request that is made when its turn comes, so that what waits for a dead push service is not encrypted. */
export interface UnpreparedRequest {
  readonly origin: PushServiceOrigin;
  prepare(): Promise<PushRequest>;
}

/** Takes push requests to push services. */
export interface PushTransport {
  /** Rejects for an abort by `signal`, with its reason, and where `prepare` rejects. */
  send(request: PushRequest | UnpreparedRequest, signal: AbortSignal, options?: SendOptions): Promise<PushAnswer>;
  /**
   * Whether a connection to the origin is open, so that `send` is given a request that is ready. Else it is given one that it
   * prepares. A transport without this is always given what is ready.
   */
  isConnected?(origin: PushServiceOrigin): boolean;
  /** The answer that `send` would give at once, as nothing may be sent to the origin now; undefined where it may. */
  refusal(
    origin: PushServiceOrigin,
    options?: Pick<SendOptions, 'hasAccepted'>,
  ): Extract<PushAnswer, { kind: 'not-sent' }> | undefined;
  /** Whether the origin is a known push service or has answered lately: then it never waits for those that have not. */
  isProven(origin: PushServiceOrigin): boolean;
  /** All of which `isProven` is true: a bounded number, whatever names users come up with. */
  provenOrigins(): PushServiceOrigin[];
  /**
   * Sends nothing more to an origin for so long, by `Clock.elapsed`, not even what waits already; 0 ends a pause. Nothing
   * happens to requests that are on their way.
   */
  pause(origin: PushServiceOrigin, delayMs: number): void;
  /** Ends everything at once: what is in flight or waits has no answer. */
  close(): void;
}
