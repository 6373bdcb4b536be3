import { PushServiceError, type PushServiceErrorCode } from '../errors.ts';

/** What can be wrong with a request to the control API as such. */
export type ControlErrorId =
  | 'not-found'
  | 'method-not-allowed'
  | 'forbidden'
  | 'unsupported-media-type'
  | 'body-too-large'
  | 'invalid-request'
  | 'internal-error';

const STATUS: Readonly<Record<ControlErrorId, number>> = {
  'not-found': 404,
  'method-not-allowed': 405,
  forbidden: 403,
  'unsupported-media-type': 415,
  'body-too-large': 413,
  'invalid-request': 400,
  'internal-error': 500,
};

/** Thrown while a request is handled, and answered. The message may quote a route or a field's name, never a value. */
export class ControlError extends Error {
  readonly id: ControlErrorId;
  /** For `method-not-allowed`. */
  readonly allow: string | undefined;

  constructor(id: ControlErrorId, message: string, { allow }: { readonly allow?: string } = {}) {
    super(message);
    this.name = 'ControlError';
    this.id = id;
    this.allow = allow;
  }
}

export interface ErrorAnswer {
  readonly status: number;
  readonly allow: string | undefined;
  readonly json: { readonly error: { readonly id: ControlErrorId | PushServiceErrorCode; readonly message: string } };
}

/** How an error is answered: 500, and nothing of it, for a fault of the service. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ControlError) {
    const { id, message, allow } = error;
    return { status: STATUS[id], allow, json: { error: { id, message } } };
  }
  if (error instanceof PushServiceError) {
    const { code, message } = error;
    return { status: misuseStatus(code), allow: undefined, json: { error: { id: code, message } } };
  }
  return errorAnswer(new ControlError('internal-error', 'The service failed'));
}

function misuseStatus(code: PushServiceErrorCode): number {
  switch (code) {
    case 'unknown-subscription':
    case 'unknown-push':
      return 404;
    case 'not-resendable':
      return 409;
    case 'unknown-persona':
    case 'invalid-fault':
    case 'invalid-key':
    case 'invalid-origin':
      return 400;
    case 'closed':
    case 'data-folder-replaced':
      return 503;
    case 'port-in-use':
    case 'cannot-listen':
    case 'host-not-loopback':
    case 'data-folder-in-use':
    case 'data-folder-too-new':
    case 'data-folder-unusable':
      // Only of the service's start.
      return 500;
  }
}
