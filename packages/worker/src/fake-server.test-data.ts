export interface FakeRequest {
  /** Such as `POST https://app.example/api/push/receipts`. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The server's routes that a worker knows; each may be answered otherwise. */
export interface FakeServer {
  readonly requests: FakeRequest[];
  readonly routes: Record<string, (body: unknown) => Response | Promise<Response>>;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export const API = 'https://app.example/api/push';

/** What `POST /subscribe` and `POST /resubscribe` answer. */
export const confirmation = (more: object = {}): Response =>
  Response.json({
    data: { success: true, deviceId: 'd1', binding: 'b1', publicKey: 'key-1', renew: false, ...more },
  });

/** For a route: no answer ever comes. */
export const noAnswer = (): Promise<Response> => new Promise(() => {});

/** For a route: the server cannot be reached. */
export const unreachable = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));

export function fakeServer(): FakeServer {
  const requests: FakeRequest[] = [];
  const routes: FakeServer['routes'] = {
    'GET /public-key': () => Response.json({ publicKey: 'key-1' }),
    'POST /subscribe': () => confirmation(),
    'POST /resubscribe': () => confirmation(),
    'DELETE /subscribe': () => Response.json({ data: { success: true, removed: true } }),
    'POST /receipts': () => new Response(null, { status: 204 }),
  };
  return {
    requests,
    routes,
    async fetch(url, { method = 'GET', headers, body }) {
      const json: unknown = typeof body === 'string' ? JSON.parse(body) : null;
      requests.push({ route: `${method} ${url}`, headers: Object.fromEntries(new Headers(headers)), body: json });
      const route = routes[`${method} ${url.replace(API, '')}`];
      return (route ?? (() => new Response('<!doctype html>', { status: 404 })))(json);
    },
  };
}
