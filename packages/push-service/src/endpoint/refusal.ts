import { PushServiceError } from '../errors.ts';
import type { VapidFault } from './verify-vapid.ts';

/** Why a request is refused. Each persona has its own words for it. */
export type Refusal =
  | 'missing-ttl'
  | 'invalid-ttl'
  | 'invalid-topic'
  | 'invalid-encoding'
  | VapidFault
  | 'unknown-url'
  | 'method-not-allowed'
  | 'unregistered'
  | 'body-too-large'
  | 'misdirected'
  | 'too-many-pushes'
  | 'too-many-pending'
  | 'unavailable'
  | 'internal-error';

/** The refusal of a request whose handling threw an error. */
export function refusalOf(error: unknown): 'unavailable' | 'internal-error' {
  return isUnavailable(error) ? 'unavailable' : 'internal-error';
}

/** Whether the service takes nothing any more, until somebody starts it again. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof PushServiceError && (error.code === 'data-folder-replaced' || error.code === 'closed');
}
