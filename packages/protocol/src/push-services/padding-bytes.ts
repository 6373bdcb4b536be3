import { MAX_PLAINTEXT_BYTES } from '../limits.ts';
import type { PushServiceRules } from './push-service-rules.ts';

/**
 * How many bytes to pad a plaintext with, so that its length says nothing: up to `padToBytes`, and a longer one up to the
 * longest that there is. Padding never makes a message too long for a device that would have got it without.
 *
 * @param options.padToBytes 0 for no padding
 */
export function paddingBytesFor(options: {
  /** From `pushServiceOf`. */
  readonly service: PushServiceRules;
  readonly plaintextBytes: number;
  readonly padToBytes: number;
}): number {
  const { service, plaintextBytes, padToBytes } = options;
  if (padToBytes === 0) return 0;
  const { safePlaintextBytes = MAX_PLAINTEXT_BYTES } = service;
  const limit = plaintextBytes <= safePlaintextBytes ? safePlaintextBytes : MAX_PLAINTEXT_BYTES;
  const target = plaintextBytes <= padToBytes ? Math.min(padToBytes, limit) : limit;
  return Math.max(target - plaintextBytes, 0);
}
