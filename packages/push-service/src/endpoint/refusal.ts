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
  | 'internal-error';
