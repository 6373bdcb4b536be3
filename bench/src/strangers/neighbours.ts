import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { encodeBase64Url } from '@belfry/protocol';
import { monotonicMs } from '../load/monotonic-ms.ts';

/** Who asks beside the strangers. All but `unknownDevice` were known to the server before the flood. */
export type Neighbour = 'user' | 'application' | 'device' | 'unknownDevice';

/** How the server responded to a neighbour. */
export interface Served {
  readonly asked: number;
  /** Responses with the status that the neighbour also gets without strangers. */
  readonly served: number;
  readonly maxMs: number;
}

export interface NeighboursOptions {
  readonly port: number;
  /** The address that they seem to ask from. */
  readonly address: string;
  readonly cookie: string;
  readonly apiKey: string;
  /** Body of a device's `POST /resubscribe`. */
  readonly device: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

/** Below the limit of one device, 60 requests a minute. */
const INTERVAL_MS = 1_200;
/** A refusal may wait for 20 s. A server that takes longer ends the bench with an error. */
const RESPONSE_TIMEOUT_MS = 60_000;

/** Each asks once, and then again after each interval, until `signal`. */
export async function askAsNeighbours(options: NeighboursOptions): Promise<Record<Neighbour, Served>> {
  const { port, address, cookie, apiKey, device, signal } = options;
  const headers = { host: 'app.example.com', 'x-forwarded-for': address };
  const json = { ...headers, 'content-type': 'application/json' };
  const resubscribe = (body: object, more = {}) =>
    fetch(`http://127.0.0.1:${port}/api/push/resubscribe`, {
      method: 'POST',
      headers: { ...json, ...more },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    });
  const get = (path: string, more: Record<string, string>) =>
    fetch(`http://127.0.0.1:${port}/api/push${path}`, {
      headers: { ...headers, ...more },
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    });
  const madeUp = () => ({
    deviceId: encodeBase64Url(randomBytes(16)),
    deviceSecret: encodeBase64Url(randomBytes(32)),
  });
  const origin = 'https://app.example.com';
  const [user, application, known, unknownDevice] = await Promise.all([
    askRepeatedly(() => get('/topics', { cookie, origin }), { status: 200, signal }),
    askRepeatedly(() => get('/users/ada/devices', { authorization: `Bearer ${apiKey}` }), { status: 200, signal }),
    // The worker's requests carry its user's cookies.
    askRepeatedly(() => resubscribe(device, { cookie }), { status: 200, signal }),
    askRepeatedly(() => resubscribe(madeUp()), { status: 404, signal }),
  ]);
  return { user, application, device: known, unknownDevice };
}

async function askRepeatedly(
  ask: () => Promise<Response>,
  { status, signal }: { readonly status: number; readonly signal: AbortSignal },
): Promise<Served> {
  let [asked, served, maxMs] = [0, 0, 0];
  do {
    const startedAtMs = monotonicMs();
    const response = await ask();
    await response.arrayBuffer();
    asked += 1;
    if (response.status === status) served += 1;
    maxMs = Math.max(maxMs, Math.round(monotonicMs() - startedAtMs));
    await setTimeout(INTERVAL_MS);
  } while (!signal.aborted);
  return { asked, served, maxMs };
}
