import { fraction } from './fraction.ts';

/**
 * What the push service does instead of taking a push and saying so.
 *
 * - `status`: answers that, and does not take it
 * - `reset`: ends the stream without an answer
 * - `silent`: never answers
 * - `cut`: ends the whole connection, and all that is on it
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: 'reset' | 'silent' | 'cut'; readonly isTaken: boolean };

/**
 * How many of a million pushes meet each. Those of one device are frequent: each leaves a row that is tried again. Those that
 * stop more than one device are rare, or a round would consist of waiting: a 503 closes its origin, a silent one holds up its
 * page until the sender's time-out.
 */
const PER_MILLION: readonly (readonly [number, Fault])[] = [
  [3000, { kind: 'status', status: 500 }],
  [1000, { kind: 'status', status: 502 }],
  [1500, { kind: 'status', status: 429, retryAfterSeconds: 2 }],
  [1500, { kind: 'status', status: 429, retryAfterSeconds: 8 }],
  [100, { kind: 'status', status: 503, retryAfterSeconds: 3 }],
  [1500, { kind: 'reset', isTaken: false }],
  [1500, { kind: 'reset', isTaken: true }],
  [100, { kind: 'silent', isTaken: false }],
  [100, { kind: 'silent', isTaken: true }],
  [50, { kind: 'cut', isTaken: false }],
  [50, { kind: 'cut', isTaken: true }],
];

/** A push, by numbers alone: the attempts of the same message at the same subscription are counted from 0. */
export interface ArrivedPush {
  readonly message: number;
  readonly subscription: number;
  readonly attempt: number;
}

/** What happens to a push; undefined: it is taken. */
export function chooseFault(
  { message, subscription, attempt }: ArrivedPush,
  { seed, factor }: { readonly seed: number /** How much more often than usual. */; readonly factor: number },
): Fault | undefined {
  let left = fraction(seed, message, subscription, attempt) * 1_000_000;
  for (const [perMillion, fault] of PER_MILLION) {
    left -= perMillion * factor;
    if (left < 0) return fault;
  }
  return undefined;
}
