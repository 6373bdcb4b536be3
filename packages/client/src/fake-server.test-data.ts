import { encodeBase64url } from './encode-base64url.ts';

export const PUBLIC_KEY: string = encodeBase64url(new Uint8Array(65).fill(4));
export const OTHER_KEY: string = encodeBase64url(new Uint8Array(65).fill(5));
/** Of another sender: no server of ours has it. */
export const FOREIGN_KEY: string = encodeBase64url(new Uint8Array(65).fill(6));

export const PUBLIC_KEY_ROUTE = 'GET https://app.example/api/push/public-key';
export const SUBSCRIBE_ROUTE = 'POST https://app.example/api/push/subscribe';
export const LEAVE_ROUTE = 'DELETE https://app.example/api/push/subscribe';
export const RECEIPTS_ROUTE = 'POST https://app.example/api/push/receipts';

type Fields = Readonly<Record<string, unknown>>;
type Respond = (body: Fields, init: RequestInit) => Response | Promise<Response>;

export interface FakeDevice {
  readonly deviceId: string;
  readonly binding: string;
  readonly deviceSecret: unknown;
  readonly endpoint: unknown;
  readonly vapidPublicKey: unknown;
  readonly user: string;
}

/** The server's part in what pages do: who is signed in, and which devices it knows; each route may be answered otherwise. */
export interface FakeServer {
  readonly requests: { route: string; init: RequestInit; body: Fields }[];
  readonly routes: Record<string, Respond>;
  devices: FakeDevice[];
  /** Secrets that devices had before, or that two users have sent. */
  readonly retired: Set<unknown>;
  /** VAPID keys, the newest first. */
  keys: string[];
  /** Endpoints that their push service has answered 404 or 410 for. */
  readonly gone: Set<unknown>;
  /** Endpoints that another user's device had before. */
  readonly others: Set<unknown>;
  /** Who the cookies belong to. A token `of ada` is ada's, whatever the cookies say. */
  user: string | null;
  isDown: boolean;
  /** What it does is done, and its answers are lost. */
  isMute: boolean;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export function fakeServer(): FakeServer {
  let ids = 0;

  function subscribe(body: Fields, { headers }: RequestInit): Response {
    const { endpoint, deviceSecret, vapidPublicKey } = body;
    const user = /^Bearer of (.*)$/.exec(new Headers(headers).get('authorization') ?? '')?.[1] ?? server.user;
    if (user === null) return refusal(401, 'not-signed-in');
    if (!server.keys.includes(String(vapidPublicKey))) return refusal(409, 'unknown-vapid-key');
    const known =
      server.devices.find((device) => device.endpoint === endpoint) ??
      server.devices.find((device) => device.user === user && device.deviceSecret === deviceSecret) ??
      server.devices.find((device) => device.user === user && device.deviceId === body['deviceId']);
    const isOwn = known?.user === user;
    if (!isOwn && server.retired.has(deviceSecret)) return refusal(409, 'secret-retired');
    const isBrowser = known?.deviceSecret !== null && known?.deviceSecret === deviceSecret;
    if (known && !isOwn && !isBrowser) return refusal(409, 'endpoint-conflict');
    const isShared = server.devices.some((device) => device.deviceSecret === deviceSecret && device.user !== user);
    const renewSecret = isShared || server.retired.has(deviceSecret);
    if (renewSecret) retire(deviceSecret);
    if (known && known.deviceSecret !== deviceSecret && !renewSecret) retire(known.deviceSecret);
    ids += 1;
    const deviceId = isOwn ? known.deviceId : `d${ids}`;
    const binding = isOwn ? known.binding : `b${ids} of ${user}`;
    const kept = isOwn && !server.retired.has(known.deviceSecret) ? known.deviceSecret : null;
    server.devices = server.devices.filter((device) => device.deviceId !== known?.deviceId);
    const secret = renewSecret ? kept : deviceSecret;
    server.devices.push({ deviceId, binding, deviceSecret: secret, endpoint, vapidPublicKey, user });
    const [publicKey] = server.keys;
    if (renewSecret) server.others.add(endpoint);
    const renew = server.gone.has(endpoint) || server.others.has(endpoint) || vapidPublicKey !== publicKey;
    const data = { success: true, deviceId, binding, publicKey, renew, renewSecret };
    return Response.json({ data }, { status: 201 });
  }

  function retire(secret: unknown): void {
    if (secret === null) return;
    server.retired.add(secret);
    server.devices = server.devices.map((device) =>
      device.deviceSecret === secret ? { ...device, deviceSecret: null } : device,
    );
  }

  const server: FakeServer = {
    requests: [],
    routes: {
      [PUBLIC_KEY_ROUTE]: () => Response.json({ publicKey: server.keys[0] }),
      [SUBSCRIBE_ROUTE]: subscribe,
      [LEAVE_ROUTE]({ deviceId, deviceSecret }) {
        const before = server.devices.length;
        server.devices = server.devices.filter(
          (device) => device.deviceId !== deviceId || device.deviceSecret !== deviceSecret,
        );
        const removed = server.devices.length < before;
        if (removed) retire(deviceSecret);
        return Response.json({ data: { success: true, removed } });
      },
      [RECEIPTS_ROUTE]: () => new Response(null, { status: 204 }),
    },
    devices: [],
    retired: new Set(),
    keys: [PUBLIC_KEY],
    gone: new Set(),
    others: new Set(),
    user: 'ada',
    isDown: false,
    isMute: false,
    async fetch(url, init) {
      const route = `${init.method} ${url}`;
      const body: Fields = typeof init.body === 'string' ? JSON.parse(init.body) : {};
      server.requests.push({ route, init, body });
      if (server.isDown) throw new TypeError('Failed to fetch');
      const response = (server.routes[route] ?? (() => new Response('<!doctype html>', { status: 404 })))(body, init);
      if (server.isMute) throw new TypeError('Failed to fetch');
      return response;
    },
  };
  return server;
}

export function refusal(status: number, id: string): Response {
  return Response.json({ error: { id, message: 'No' } }, { status });
}

/** Lets the next request to a route wait until it is released; then the server answers it as it would have. */
export function holdRoute(
  server: FakeServer,
  route: string,
): { /** Settles with the request. */ readonly asked: Promise<void>; release(): void } {
  const { promise: asked, resolve: noteAsked } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { [route]: respond = () => refusal(404, 'no-route') } = server.routes;
  server.routes[route] = async (body, init) => {
    server.routes[route] = respond;
    noteAsked();
    await released;
    return respond(body, init);
  };
  return { asked, release };
}
