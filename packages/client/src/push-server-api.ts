import type { ConfirmedDevice, LeavingDevice } from './device-record.ts';
import { PushClientError } from './push-client-error.ts';
import type { PushEnvironment } from './push-environment.ts';

const REQUEST_TIMEOUT_MS = 30_000;

/** The app's own token, for apps without cookies. */
export type PushToken = string | (() => string | Promise<string>);

/** The body of POST /subscribe. */
export interface SubscribeRequest extends Readonly<PushSubscriptionJSON> {
  /** The key that the subscription was made for: by the time this arrives the server may have a newer one. */
  readonly vapidPublicKey: string;
  /** The device that this browser was told it is. */
  readonly deviceId: string | undefined;
  readonly deviceSecret: string;
  readonly origin: string;
  readonly scope: string;
  /** IANA, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** BCP 47, such as `de-CH`. */
  readonly lang: string;
}

/** The body of POST /receipts. */
export interface ReceiptsRequest extends LeavingDevice {
  readonly receipts: readonly {
    readonly id: string;
    readonly binding: string;
    /** The one in the address; the server keeps no click without it. */
    readonly token: string;
    readonly kind: 'clicked';
    /** Empty: the notification itself. */
    readonly action: string;
    /** Milliseconds since 1970. */
    readonly at: number;
  }[];
}

export interface SubscribeAnswer extends Pick<ConfirmedDevice, 'deviceId' | 'binding'> {
  /** The browser should subscribe anew, with `publicKey`. */
  readonly renew: boolean;
  /** The newest VAPID key, where the server says it. */
  readonly publicKey: string | undefined;
  /** The device has no secret, since a former user of this browser may know the one that was sent: send a new one. */
  readonly renewSecret: boolean;
  /** The one that the request carried. */
  readonly token: string | null;
}

/** The server's routes (docs/reference/client.md), as this page uses them. They throw PushClientError. */
export interface PushServerApi {
  /** An absolute URL, without a slash at its end. */
  readonly url: string;
  /** The VAPID public key in base64url, unpadded; whether it is a P-256 point is the browser's to judge. */
  publicKey(): Promise<string>;
  /** As the signed-in user; what follows asks for no token, which nobody has who signed out. */
  subscribe(request: SubscribeRequest): Promise<SubscribeAnswer>;
  /** Forgets a device that proves itself; resolves too where the server refuses, as it would the next time. */
  leave(device: LeavingDevice): Promise<void>;
  /** Tells of clicks that the service worker did not see. */
  report(clicks: ReceiptsRequest): Promise<void>;
}

export function pushServerApi(
  environment: PushEnvironment,
  { api, token }: { readonly api: string; readonly token: PushToken | undefined },
): PushServerApi {
  async function call(method: string, path: string, body?: object, bearer?: string | null): Promise<Fields> {
    // Nothing is said of caches: the server answers everything with `no-store`.
    const request: RequestInit = {
      method,
      cache: 'no-store',
      headers: {
        ...(bearer != null && { authorization: `Bearer ${bearer}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      body: JSON.stringify(body),
      // One that is never answered would hold up all that comes after it.
      signal: environment.AbortSignal.timeout?.(REQUEST_TIMEOUT_MS) ?? null,
    };
    const response = await environment.fetch(server.url + path, request).catch((cause: unknown) => {
      throw new PushClientError('server-unreachable', { cause });
    });
    // What is no JSON object (an app's index.html, a proxy's error page) is read as an empty one.
    const answer = fieldsOf(await response.json().catch(() => null));
    if (response.ok) return answer;
    const { id } = fieldsOf(answer.error);
    throw new PushClientError(response.status === 401 ? 'not-signed-in' : 'server-refused', {
      status: response.status,
      serverErrorId: typeof id === 'string' ? id : null,
    });
  }

  const server: PushServerApi = {
    get url() {
      return new URL(api, environment.location.href).href.replace(/\/$/, '');
    },

    async publicKey() {
      return text((await call('GET', '/public-key')).publicKey);
    },

    async subscribe(request) {
      const bearer = (typeof token === 'function' ? await token() : token) ?? null;
      const { deviceId, binding, renew, renewSecret, publicKey } = fieldsOf(
        (await call('POST', '/subscribe', request, bearer)).data,
      );
      return {
        deviceId: text(deviceId),
        binding: text(binding),
        renew: renew === true,
        publicKey: typeof publicKey === 'string' ? publicKey : undefined,
        renewSecret: renewSecret === true,
        token: bearer,
      };
    },

    async leave(device) {
      try {
        await call('DELETE', '/subscribe', device);
      } catch (error) {
        const { status } = PushClientError.from(error);
        if (status === null || status === 429 || status >= 500) throw error;
      }
    },

    async report(clicks) {
      await call('POST', '/receipts', clicks);
    },
  };
  return server;
}

type Fields = Readonly<Record<string, unknown>>;

/** What is no object has no fields. */
function fieldsOf(value: unknown): Fields {
  return Object(value);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new PushClientError('server-answer-invalid');
}
