import { TestingError } from '../../errors.ts';
import type { GcmCredentials } from './check-in.ts';
import { postGcm } from './post-gcm.ts';

export interface RegistrationOptions {
  readonly url: string;
  readonly credentials: GcmCredentials;
  /** What Chromium calls the subscription: 'wp:', the page's origin, and a name. */
  readonly subtype: string;
  readonly signal: AbortSignal;
}

/**
 * Registers a subscription, as Chromium 156 does.
 *
 * @returns its token, the last part of its endpoint
 * @throws `registration-refused`, `push-service-unreachable`
 */
export async function register(
  options: RegistrationOptions & { readonly applicationServerKey: string },
): Promise<string> {
  const { status, text } = await postForm(options, { scope: 'GCM', sender: options.applicationServerKey });
  if (status === 200 && text.startsWith('token=')) return text.slice('token='.length);
  const reason = /^Error=\w+/.exec(text)?.[0] ?? 'no token';
  const message = `The push service refused the subscription with ${status}, ${reason}: check applicationServerKey`;
  throw new TestingError('registration-refused', message);
}

/** @throws `push-service-unreachable` */
export async function unregister(options: RegistrationOptions): Promise<void> {
  await postForm(options, { scope: '*', sender: '*', delete: 'true' });
}

async function postForm(
  { url, credentials, subtype, signal }: RegistrationOptions,
  { scope, ...fields }: Readonly<Record<'scope' | 'sender', string>> & { readonly delete?: 'true' },
): Promise<{ readonly status: number; readonly text: string }> {
  const { androidId, securityToken } = credentials;
  const form = { app: APP, 'X-subtype': subtype, device: String(androidId), scope, 'X-scope': scope, gmsv: '156' };
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `AidLogin ${androidId}:${securityToken}`,
  };
  const body = new URLSearchParams({ ...form, ...fields, appid: APP_ID }).toString();
  const answer = await postGcm({ url, signal, headers, body });
  return { status: answer.status, text: Buffer.from(answer.body).toString() };
}

const APP = 'org.chromium.linux';

/** Chromium's is random, of this length. */
const APP_ID = 'belfry-test';
