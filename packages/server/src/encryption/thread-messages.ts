import type { EncryptJob } from '@belfry/protocol';

/** What an encryption thread is asked. */
export interface EncryptRequest {
  readonly id: number;
  readonly jobs: readonly EncryptJob[];
}

/** What it answers. A failure is told by its message alone: the jobs were checked before they came. */
export type EncryptReply =
  | { readonly id: number; readonly ok: true; readonly bodies: readonly Uint8Array[] }
  | { readonly id: number; readonly ok: false; readonly error: string };
