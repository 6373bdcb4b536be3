/**
 * Stable. What each one means and what to do is in docs/reference/client.md, and not here: every page would
 * download it (measured: 0.3 kB compressed for the first twelve, beside 2.7 kB for the whole client).
 */
export type PushClientErrorCode =
  | 'worker-registration-failed'
  | 'worker-not-ready'
  | 'server-unreachable'
  | 'not-signed-in'
  | 'server-refused'
  | 'server-answer-invalid'
  | 'push-key-invalid'
  | 'push-key-conflict'
  | 'push-not-allowed'
  | 'push-service-unavailable'
  | 'unsubscribe-failed'
  | 'storage-failed'
  | 'signed-out'
  | 'unconfirmed'
  | 'unexpected';

export interface PushClientErrorDetails {
  readonly cause?: unknown;
  /** The HTTP status of a refusal. */
  readonly status?: number | null;
  /** The `error.id` of the server's answer. */
  readonly serverErrorId?: string | null;
}

/** Why something failed. The message holds no endpoint and no key; the browser's own error is the `cause`. */
export class PushClientError extends Error {
  override readonly name = 'PushClientError';
  declare readonly code: PushClientErrorCode;
  /** Set for `server-refused` and `not-signed-in`. */
  declare readonly status: number | null;
  /** Set for these when the server said so in its `{ error: { id } }`. */
  declare readonly serverErrorId: string | null;

  constructor(code: PushClientErrorCode, { cause, status = null, serverErrorId = null }: PushClientErrorDetails = {}) {
    super([code, status, serverErrorId].filter(Boolean).join(' '), { cause });
    this.code = code;
    this.status = status;
    this.serverErrorId = serverErrorId;
  }

  /** Leaves a PushClientError as it is; anything else is `unexpected`. */
  static from(cause: unknown): PushClientError {
    return cause instanceof PushClientError ? cause : new PushClientError('unexpected', { cause });
  }
}
