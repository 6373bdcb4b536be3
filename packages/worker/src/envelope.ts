import { isRecord } from './is-record.ts';

/** Belfry's part of a message: `v` and `id` are checked, the rest by whoever reads it. */
export interface Envelope {
  readonly v: 1;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Null for anything else, an envelope of another version too: that one may mean anything, so only its message's declared text is used. */
export function readEnvelope(value: unknown): Envelope | null {
  return isEnvelope(value) ? value : null;
}

function isEnvelope(value: unknown): value is Envelope {
  return isRecord(value) && value.v === 1 && typeof value.id === 'string';
}
