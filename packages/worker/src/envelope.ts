import { type Fields, fieldsOf } from './fields.ts';

/** Belfry's part of a message. `v` and `id` are checked; for the rest the server's word is taken, as it alone can encrypt for this device. */
export interface Envelope {
  readonly v: 1;
  readonly id: string;
  readonly binding: string;
  readonly token?: unknown;
  readonly seq: number;
  readonly foreground?: string;
  readonly receipts?: number;
  readonly [field: string]: unknown;
}

/**
 * The `belfry` of a message, or of a notification's data. Null where there is none, and for one of another version, which may mean
 * anything: only its message's declared text is used.
 */
export function envelopeOf(holder: unknown): Envelope | null {
  const envelope = fieldsOf(fieldsOf(holder).belfry);
  return isEnvelope(envelope) ? envelope : null;
}

function isEnvelope(fields: Fields): fields is Envelope {
  return fields.v === 1 && typeof fields.id === 'string';
}
