/**
 * Stable. What each one means and what to do is in docs/reference/client.md, and not here: every page would
 * download it (measured: 0.3 kB compressed for these twelve, beside 2.7 kB for the whole client).
 */
export type PushClientErrorCode =
  | 'worker-registration-failed'
  | 'worker-not-ready'
  | 'server-unreachable'
  | 'server-refused'
  | 'server-answer-invalid'
  | 'push-key-invalid'
  | 'push-key-conflict'
  | 'push-not-allowed'
  | 'push-service-unavailable'
  | 'unsubscribe-failed'
  | 'storage-failed'
  | 'unexpected';

export interface PushClientErrorDetails {
  readonly cause?: unknown;
  /** The HTTP status of a refusal. */
  readonly status?: number | null;
  /** The `error.id` of the server's answer. */
  readonly serverErrorId?: string | null;
}

/** Why enable() or disable() failed. The message holds no endpoint and no key; the browser's own error is the `cause`. */
export class PushClientError extends Error {
  override readonly name = 'PushClientError';
  readonly code: PushClientErrorCode;
  /** Set for `server-refused`. */
  readonly status: number | null;
  /** Set for `server-refused` when the server said so in its `{ error: { id } }`. */
  readonly serverErrorId: string | null;

  constructor(code: PushClientErrorCode, { cause, status = null, serverErrorId = null }: PushClientErrorDetails = {}) {
    super(`${[code, status, serverErrorId].filter(Boolean).join(' ')}: see Belfry's docs/reference/client.md`, {
      cause,
    });
    this.code = code;
    this.status = status;
    this.serverErrorId = serverErrorId;
  }

  /** Leaves a PushClientError as it is and makes one with the given code of anything else. */
  static from(cause: unknown, code: PushClientErrorCode = 'unexpected'): PushClientError {
    return cause instanceof PushClientError ? cause : new PushClientError(code, { cause });
  }
}

/** For `promise.catch`: whatever the cause, it is thrown as a PushClientError with this code. */
export function failAs(code: PushClientErrorCode): (cause: unknown) => never {
  return (cause) => {
    throw new PushClientError(code, { cause });
  };
}
