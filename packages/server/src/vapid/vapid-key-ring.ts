import { generateVapidKeys, parseVapidKeys, type VapidKeys, type VapidPublicKey } from '@belfry/protocol';
import type { Store } from '@belfry/store';
import { BelfryError } from '../errors.ts';

/** The VAPID keys that this server can sign with. */
export interface VapidKeyRing {
  /** What new devices subscribe with. */
  readonly newest: VapidPublicKey;
  /** The pair that a device subscribed with; undefined where it is not ours (any more). */
  find(publicKey: VapidPublicKey): VapidKeys | undefined;
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
  readonly now: number;
}

/**
 * The keys that were given, else VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY, else the store's own, which are made once and
 * kept.
 *
 * @throws {BelfryError} `invalid-configuration`; `vapid-keys-missing` where live devices subscribed with a key that is
 *   not among them: their messages could not be signed, so starting would lose these users without a word
 */
export async function openVapidKeyRing(sources: VapidKeySources): Promise<VapidKeyRing> {
  const given = (sources.given ?? fromEnvironment(sources.env))?.map(checked);
  const own = given === undefined ? [await ownKeys(sources)] : [];
  const [newest = own[0], ...older] = given ?? own;
  if (newest === undefined) throw misconfigured('vapid must hold at least one pair of keys');
  const kept = [newest, ...older, ...(await sources.store.vapidKeys())];
  const keys = new Map(kept.map((pair) => [pair.publicKey, pair]));
  const missing = (await sources.store.vapidKeysInUse()).filter((publicKey) => !keys.has(publicKey));
  if (missing.length > 0) {
    throw new BelfryError(
      'vapid-keys-missing',
      `Live devices subscribed with ${missing.length} VAPID key(s) that this server does not have: add the earlier pair(s) to \`vapid\`, behind the newest`,
    );
  }
  return { newest: newest.publicKey, find: (publicKey) => keys.get(publicKey) };
}

function ownKeys({ store, now }: VapidKeySources): Promise<VapidKeys> {
  return store.ensureVapidKeys({ candidate: generateVapidKeys(), now });
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
