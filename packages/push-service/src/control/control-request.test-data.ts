import { createServer, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { encrypt, parseAuthSecret, parseP256dh } from '@belfry/protocol';
import { onTestFinished } from 'vitest';
import { applicationServer, authorize, request } from '../fixtures/push-sender.test-data.ts';
import { listen } from '../listen.ts';
import type { PushService } from '../push-service.ts';
import type { ServiceFacts } from './control-route.ts';
import { type ControlServerOptions, serveControl } from './control-server.ts';
import type { ScriptedSubscriptionJson } from './push-service-control.ts';

/** A control server on a port of its own, of a control that is not quite that of a service; answers its URL. */
export async function servedControl(options: Omit<ControlServerOptions, 'service'>): Promise<string> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  const served = serveControl(server, { ...options, service: NOTHING_TO_TELL });
  onTestFinished(() => served.close());
  return `http://127.0.0.1:${port}/`;
}

const NOTHING_TO_TELL: ServiceFacts = {
  persona: () => 'rfc8030',
  endpointOrigin: 'https://localhost',
  certificateAuthority: '',
};

export interface ControlCall {
  readonly method?: string;
  /** As it is; `json` sets it, and its content-type. */
  readonly body?: string | Uint8Array;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ControlReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Undefined where the text is none. */
  readonly json: unknown;
}

/** A request to the control API, as curl would send it, with any Host or Origin. */
export async function callControl(controlUrl: string, path: string, call: ControlCall = {}): Promise<ControlReply> {
  const { json, body = json === undefined ? undefined : JSON.stringify(json), method = 'GET' } = call;
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  // Node gives it by itself to methods that usually have a body only.
  const length =
    body === undefined || 'transfer-encoding' in (call.headers ?? {})
      ? {}
      : { 'content-length': Buffer.byteLength(body) };
  const { hostname, port } = new URL(controlUrl);
  const headers = { ...type, ...length, ...call.headers };
  const answered = Promise.withResolvers<ControlReply>();
  const sent = httpRequest({ host: hostname, port, path, method, headers, agent: false }, (response) => {
    text(response).then(
      (received) =>
        answered.resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: received,
          json: parseJson(received),
        }),
      answered.reject,
    );
  });
  sent.on('error', answered.reject);
  sent.end(body);
  return answered.promise;
}

/** An action that takes no more than its path. */
export function post(service: PushService, path: string, json: unknown = {}): Promise<ControlReply> {
  return callControl(service.controlUrl, path, { method: 'POST', json });
}

export function get(service: PushService, path: string): Promise<ControlReply> {
  return callControl(service.controlUrl, path);
}

/** Sends a text to a subscription, rightly encrypted and signed; answers the status. */
export async function pushText(
  service: PushService,
  { endpoint, keys }: ScriptedSubscriptionJson,
  message: string,
): Promise<number> {
  const [p256dh, auth] = [parseP256dh(keys.p256dh), parseAuthSecret(keys.auth)];
  if (!p256dh.ok || !auth.ok) throw new Error('the keys of a subscription are well formed');
  const body = encrypt({ plaintext: new TextEncoder().encode(message), p256dh: p256dh.value, auth: auth.value });
  const audience = new URL(endpoint).origin;
  const signed = authorize({ service, keys: applicationServer, now: Date.now(), audience });
  const headers = { 'content-encoding': 'aes128gcm', ...signed };
  return (await request(service, endpoint, { headers, body })).status;
}

function parseJson(received: string): unknown {
  try {
    return JSON.parse(received);
  } catch {
    return undefined;
  }
}
