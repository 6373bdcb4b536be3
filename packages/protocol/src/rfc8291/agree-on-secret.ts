import { createECDH, diffieHellman, generateKeyPairSync } from 'node:crypto';
import type { P256dh } from './subscription-keys.ts';

/** What the ECDH of a fresh key pair with the user agent's key gives the sender (RFC 8291 §3.1). */
export interface Agreement {
  /** 65 octets, an uncompressed point. */
  readonly senderPublicKey: Uint8Array;
  /** The x coordinate of the shared point, 32 octets. Secret. */
  readonly sharedSecret: Uint8Array;
}

const CURVE = 'prime256v1';

/** A SubjectPublicKeyInfo on P-256, up to its point (RFC 5480 §2). */
const SPKI_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

let takesEncodedKeys: boolean | undefined;

/**
 * Key objects are the faster, where `diffieHellman` takes an encoded key (Node 24 and later). Before, importing one takes
 * as long as the ECDH itself. The figures are in docs/decisions/0007-encryption-primitives.md.
 *
 * @param privateKey 32 octets; undefined for a fresh one that the crypto library makes
 */
export function agreeOnSecret(p256dh: P256dh, privateKey?: Uint8Array): Agreement {
  takesEncodedKeys ??= canAgreeWithKeyObjects();
  return privateKey === undefined && takesEncodedKeys ? agreeWithKeyObjects(p256dh) : agreeWithEcdh(p256dh, privateKey);
}

function agreeWithKeyObjects(p256dh: Uint8Array): Agreement {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: CURVE,
    // Of all encodings the one that is made soonest: 8 µs; the raw point takes 10, DER 44.
    publicKeyEncoding: { format: 'jwk' },
  });
  const senderPublicKey = Buffer.alloc(65, 4);
  senderPublicKey.write(publicKey.x ?? '', 1, 'base64url');
  senderPublicKey.write(publicKey.y ?? '', 33, 'base64url');
  // And here DER is read soonest: 12 µs; the raw point takes 15, JWK 18.
  const userAgentKey = { key: Buffer.concat([SPKI_PREFIX, p256dh]), format: 'der', type: 'spki' } as const;
  return { senderPublicKey, sharedSecret: diffieHellman({ privateKey, publicKey: userAgentKey }) };
}

function canAgreeWithKeyObjects(): boolean {
  const anyPoint = createECDH(CURVE).generateKeys();
  try {
    return agreeWithKeyObjects(anyPoint).sharedSecret.length === 32;
  } catch {
    return false;
  }
}

function agreeWithEcdh(p256dh: P256dh, privateKey: Uint8Array | undefined): Agreement {
  const sender = createECDH(CURVE);
  if (privateKey === undefined) sender.generateKeys();
  else sender.setPrivateKey(privateKey);
  return { senderPublicKey: sender.getPublicKey(), sharedSecret: sender.computeSecret(p256dh) };
}
