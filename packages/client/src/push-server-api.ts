import { failAs, PushClientError } from './push-client-error.ts';
import type { PushEnvironment } from './push-environment.ts';

/** The body of POST /subscribe. */
export interface SubscribeRequest {
  readonly endpoint: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly expirationTime: number | null;
  /** The key that the subscription was made for: by the time this arrives the server may have a newer one. */
  readonly vapidPublicKey: string;
  readonly deviceSecret: string;
  readonly origin: string;
  readonly scope: string;
  /** IANA, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** BCP 47, such as `de-CH`. */
  readonly lang: string;
}

/** The server's routes (docs/reference/client.md), as this page uses them. They throw PushClientError. */
export interface PushServerApi {
  /** The VAPID public key in base64url, unpadded; whether it is a P-256 point is the browser's to judge. */
  publicKey(): Promise<string>;
  subscribe(request: SubscribeRequest): Promise<{ deviceId: string; binding: string }>;
  unsubscribe(endpoint: string): Promise<void>;
}

export function pushServerApi(environment: PushEnvironment, api: string): PushServerApi {
  async function call(method: string, path: string, body?: object): Promise<Fields> {
    const request: RequestInit = {
      method,
      credentials: 'same-origin',
      // A cached public key would subscribe this device under a key that the server no longer signs with.
      cache: 'no-store',
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    };
    const response = await environment.fetch(api + path, request).catch(failAs('server-unreachable'));
    // What is no JSON object (an app's index.html, a proxy's error page) is read as an empty one.
    const answer = record(await response.json().catch(() => null));
    if (response.ok) return answer;
    const { id } = record(answer.error);
    throw new PushClientError('server-refused', {
      status: response.status,
      serverErrorId: typeof id === 'string' ? id : null,
    });
  }

  return {
    async publicKey() {
      const { publicKey } = await call('GET', '/public-key');
      if (typeof publicKey === 'string') return publicKey;
      throw new PushClientError('server-answer-invalid');
    },

    async subscribe(request) {
      const answer = await call('POST', '/subscribe', request);
      const { deviceId, binding } = record(answer.data);
      if (typeof deviceId === 'string' && typeof binding === 'string') return { deviceId, binding };
      throw new PushClientError('server-answer-invalid');
    },

    async unsubscribe(endpoint) {
      await call('DELETE', '/subscribe', { endpoint });
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
