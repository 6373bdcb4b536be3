import { generateVapidKeys, parseVapidKeys, type VapidKeys, type VapidPublicKey } from '@belfry/protocol';
import type { Store } from '@belfry/store';
import { keepNewest } from '../keep-newest.ts';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';

/** The VAPID keys that this server can sign with. Another process of the same store may add some at any time. */
export interface VapidKeyRing {
  /** What new devices subscribe with; another process's newest after a minute. */
  newest(): Promise<VapidPublicKey>;
  /** The same without waiting for the store, which is asked at most once a minute, however often this is. */
  newestKnown(): VapidPublicKey;
  /** What is known of a pair without asking the store. */
  known(publicKey: VapidPublicKey): VapidKeys | undefined;
  /** The pair that a device subscribed with; undefined where it is not ours (any more). */
  find(publicKey: VapidPublicKey): Promise<VapidKeys | undefined>;
  /** @throws {BelfryError} `invalid-configuration` where the keys were given */
  rotate(): Promise<void>;
}

/** A pair as an operator writes it: base64url, 65 and 32 octets. */
export interface VapidKeysOption {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface VapidKeySources {
  readonly given: readonly VapidKeysOption[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly store: Store;
  readonly clock: Clock;
}

/** The store is asked again for its keys after this, at the earliest. */
const FRESH_MS = 60_000;
const MAX_MISSED = 100;

/**
 * The keys that were given, else VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY, else the store's own, which are made once and
 * kept.
 *
 * @throws {BelfryError} `invalid-configuration`; `vapid-keys-missing` where live devices subscribed with a key that is
 *   not among them: their messages could not be signed, so starting would lose these users without a word
 */
export async function openVapidKeyRing(sources: VapidKeySources): Promise<VapidKeyRing> {
  const { store, clock } = sources;
  const given = (sources.given ?? fromEnvironment(sources.env))?.map(checked);
  if (given?.length === 0) throw misconfigured('vapid must hold at least one pair of keys');
  const now = (): number => clock.now();
  if (given === undefined) await store.ensureVapidKeys({ candidate: generateVapidKeys(), now: now() });

  let keys = new Map<VapidPublicKey, VapidKeys>();
  /** Keys that the store did not have then either. */
  const missedAt = new Map<VapidPublicKey, number>();
  let loadedAt = Number.NEGATIVE_INFINITY;
  let refreshedAt = clock.elapsed();
  let loading: Promise<void> | undefined;
  await load();
  const missing = (await store.vapidKeysInUse()).filter((publicKey) => !keys.has(publicKey));
  if (missing.length > 0) {
    throw new BelfryError(
      'vapid-keys-missing',
      `Live devices subscribed with ${missing.length} VAPID key(s) that this server does not have: add the earlier pair(s) to \`vapid\`, behind the newest`,
    );
  }

  return {
    async newest() {
      // While the store does not answer, the newest that is known is as good.
      if (isOld(loadedAt)) await loadAgain().catch(() => {});
      return first();
    },
    newestKnown() {
      if (isOld(loadedAt) && isOld(refreshedAt)) {
        refreshedAt = clock.elapsed();
        // While the store does not answer, the newest that is known is as good.
        loadAgain().catch(() => {});
      }
      return first();
    },
    known: (publicKey) => keys.get(publicKey),
    async find(publicKey) {
      if (!keys.has(publicKey) && isOld(missedAt.get(publicKey))) {
        await loadAgain();
        if (!keys.has(publicKey)) keepNewest(missedAt, { key: publicKey, value: clock.elapsed(), limit: MAX_MISSED });
      }
      return keys.get(publicKey);
    },
    async rotate() {
      if (given !== undefined) {
        throw misconfigured(
          'The VAPID keys come from `vapid` or the environment: add a new pair there, before the others',
        );
      }
      await store.addVapidKeys({ keys: generateVapidKeys(), now: now() });
      await load();
    },
  };

  function first(): VapidPublicKey {
    const [newest] = keys.keys();
    if (newest === undefined) throw new TypeError('There is at least one pair');
    return newest;
  }

  async function load(): Promise<void> {
    const pairs = [...(given ?? []), ...(await store.vapidKeys())];
    // Of a pair that comes twice, the first place counts.
    keys = new Map(pairs.map((pair) => [pair.publicKey, pair]));
    loadedAt = clock.elapsed();
  }

  function isOld(at = Number.NEGATIVE_INFINITY): boolean {
    return clock.elapsed() - at >= FRESH_MS;
  }

  /** All who wait for it share one load. */
  async function loadAgain(): Promise<void> {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    await loading;
  }
}

function fromEnvironment(env: VapidKeySources['env']): readonly VapidKeysOption[] | undefined {
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey } = env;
  if (!publicKey && !privateKey) return undefined;
  if (!publicKey || !privateKey) {
    throw misconfigured('VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY must be set together');
  }
  return [{ publicKey, privateKey }];
}

function checked(pair: VapidKeysOption): VapidKeys {
  const keys = parseVapidKeys(pair);
  if (keys.ok) return keys.value;
  switch (keys.error) {
    case 'invalid-vapid-public-key':
      throw misconfigured('A VAPID public key is 65 octets on the curve P-256, in unpadded base64url (87 characters)');
    case 'invalid-vapid-private-key':
      throw misconfigured('A VAPID private key is 32 octets in unpadded base64url (43 characters)');
    case 'vapid-keys-mismatch':
      throw misconfigured('A VAPID public and private key do not belong together');
  }
}

function misconfigured(message: string): BelfryError {
  return new BelfryError('invalid-configuration', message);
}
