/**
 * What can be wrong with a call of this package. Expected outcomes (a malformed endpoint from a stranger, a forged
 * token) are returned as `Parsed` unions instead; these are thrown, because they are the caller's mistakes.
 */
export type ProtocolErrorCode = 'payload-too-large' | 'padding-too-large';

/** Thrown for misuse. `code` is stable; the message says what was wrong and never holds an endpoint, a key or a token. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProtocolError';
    this.code = code;
  }
}
