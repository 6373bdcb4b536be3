import { type Brand, branded, type Parsed } from '@belfry/protocol';

/** A Chromium profile as the service named it at its check-in: a decimal number from 1 to 2^63-1. Not a secret. */
export type AndroidId = Brand<string, 'AndroidId'>;

/** The password to an `AndroidId`, in the same form. */
export type SecurityToken = Brand<string, 'SecurityToken'>;

/** What a Chromium profile shows at every request and login after its check-in. */
export interface GcmCredentials {
  readonly androidId: AndroidId;
  readonly securityToken: SecurityToken;
}

const NUMBER = /^[1-9][0-9]{0,18}$/;

/** Well-formed credentials; whether they are right is the store's to say. */
export function parseGcmCredentials(
  androidId: string | undefined,
  securityToken: string | undefined,
): Parsed<GcmCredentials, 'malformed-credentials'> {
  return NUMBER.test(androidId ?? '') && NUMBER.test(securityToken ?? '')
    ? { ok: true, value: { androidId: branded(androidId ?? ''), securityToken: branded(securityToken ?? '') } }
    : { ok: false, error: 'malformed-credentials' };
}
