import { MAX_INTERIM_RESPONSES } from '../limits.ts';

/** Counts one request's 1xx responses (RFC 9110 §15.2), of which there may be any number; more than a few are a flood. */
export function countInterim(onFlood: () => void): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count === MAX_INTERIM_RESPONSES + 1) onFlood();
  };
}
