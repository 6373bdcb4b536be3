import type { Parsed } from '../brand.ts';

/** How urgent a message is, from least to most (RFC 8030 §5.3). */
export const URGENCIES = ['very-low', 'low', 'normal', 'high'] as const;

export type Urgency = (typeof URGENCIES)[number];

/** The `Urgency` header: exactly one of the four words. */
export function parseUrgency(text: string): Parsed<Urgency, 'invalid-urgency'> {
  const value = URGENCIES.find((urgency) => urgency === text);
  return value === undefined ? { ok: false, error: 'invalid-urgency' } : { ok: true, value };
}
