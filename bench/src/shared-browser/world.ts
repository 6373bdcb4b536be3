import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Belfry } from '@belfry/server';
import { branded, generateVapidKeys } from '@belfry/protocol';
import type { Device, Store } from '@belfry/store';
import { USERS } from './step.ts';

export const ORIGIN = 'https://app.example.com';

/** A push subscription, and whose it is: that of a shared browser, or of a user who is at home. */
export interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** What page and worker keep of a browser, as `client/src/device-record.ts` has it. */
export interface BrowserRecord {
  deviceSecret: string;
  user: string | null;
  confirmed: { readonly deviceId: string; readonly binding: string } | null;
  leaving: { readonly deviceId: string; readonly deviceSecret: string }[];
}

export interface Browser {
  readonly number: number;
  subscription: Subscription | null;
  /** The endpoint that the user before had here. */
  formerEndpoint: string | null;
  readonly record: BrowserRecord;
  signedIn: string | null;
  session: string;
  /** Who the record was confirmed for. */
  confirmedFor: string | null;
  /** What the one who signed in last found there. */
  found: Note | null;
  /** All who were ever signed in here. */
  readonly users: Set<string>;
}

/** What a user saw on a browser. */
export interface Note {
  readonly deviceId: string;
  readonly deviceSecret: string;
  readonly subscription: Subscription;
}

export interface RecordedRequest {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly body: object;
}

export interface Answer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly errorId: unknown;
}

/** One sequence's users, browsers and endpoints, in front of a real server and its real store. */
export interface World {
  readonly belfry: Pick<Belfry, 'handle' | 'endSession'>;
  readonly store: Store;
  readonly users: readonly string[];
  readonly browsers: readonly Browser[];
  readonly notes: Map<string, Note[]>;
  readonly recorded: Map<string, RecordedRequest[]>;
  /** Who can decrypt what is encrypted for a key: a browser, or a user at home. */
  readonly holders: Map<string, Browser | string>;
  subscriptions: number;
}

// Making a key pair takes longer than a request. A sequence uses each of them once.
const KEYS = Array.from({ length: 64 }, () => generateVapidKeys().publicKey);

export function newWorld(server: Pick<World, 'belfry' | 'store'>, browsers: number): World {
  const users = Array.from({ length: USERS }, (_, n) => `${['alice', 'bob', 'carol'][n] ?? n} ${randomUUID()}`);
  return {
    ...server,
    users,
    browsers: Array.from({ length: browsers }, (_, number) => newBrowser(number)),
    notes: new Map(users.map((user) => [user, []])),
    recorded: new Map(users.map((user) => [user, []])),
    holders: new Map(),
    subscriptions: 0,
  };
}

function newBrowser(number: number): Browser {
  return {
    number,
    subscription: null,
    formerEndpoint: null,
    record: { deviceSecret: newSecret(), user: null, confirmed: null, leaving: [] },
    signedIn: null,
    session: '',
    confirmedFor: null,
    found: null,
    users: new Set(),
  };
}

export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** A new subscription, whose private key only the holder has. */
export function subscribe(world: World, holder: Browser | string): Subscription {
  const p256dh = KEYS[world.subscriptions++];
  if (p256dh === undefined) throw new Error('a sequence makes no more subscriptions than there are keys');
  world.holders.set(p256dh, holder);
  const endpoint = `https://updates.push.services.mozilla.com/wpush/v2/${randomUUID()}`;
  return { endpoint, keys: { p256dh, auth: randomBytes(16).toString('base64url') } };
}

interface Asker {
  readonly user?: string | null;
  readonly session?: string;
}

/** Asks the server; a request that a user sends is one that this user may repeat. */
export async function ask(world: World, request: RecordedRequest, { user, session }: Asker = {}): Promise<Answer> {
  const { method, path, body } = request;
  if (user != null) world.recorded.get(user)?.push(request);
  const response = await world.belfry.handle(
    new Request(`${ORIGIN}/api/push${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        origin: ORIGIN,
        ...(user != null && { 'x-user': user, 'x-session': session ?? `session of ${user}` }),
      },
      body: JSON.stringify(body),
    }),
  );
  if (response.status >= 500) throw new Error(`${method} ${path} was answered with ${response.status}`);
  const answer: { data?: Record<string, unknown>; error?: { id?: unknown } } =
    response.status === 204 ? {} : Object(await response.json());
  return { status: response.status, data: answer.data ?? {}, errorId: answer.error?.id };
}

/** The live devices of each user: whatever is sent goes there. */
export async function liveDevices({ store, users }: World): Promise<(readonly [user: string, device: Device])[]> {
  const lists = await Promise.all(
    users.map(async (user) => {
      const devices = await store.devicesOfUser(branded(user));
      return devices.filter(({ state }) => state === 'live').map((device) => [user, device] as const);
    }),
  );
  return lists.flat();
}

/** Whether the server knows the secret that a browser's record has. */
export async function proves({ store }: World, { record }: Browser): Promise<boolean> {
  if (record.confirmed === null) return false;
  const secretHash = new Uint8Array(
    createHash('sha256').update(Buffer.from(record.deviceSecret, 'base64url')).digest(),
  );
  return await store.saveReceipts({
    publicId: branded(record.confirmed.deviceId),
    secretHash,
    receipts: [],
    now: 0,
  });
}
