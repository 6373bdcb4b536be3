import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import { branded } from '../brand.ts';
import { agreeOnSecret } from './agree-on-secret.ts';

test('the secret is what the user agent computes, also with leading zeros in it or in a coordinate', () => {
  const userAgent = createECDH('prime256v1');
  const p256dh = branded<Uint8Array<ArrayBuffer>, 'P256dh'>(Uint8Array.from(userAgent.generateKeys()));
  // One number in 256 begins with a zero octet, which some encodings leave out.
  for (let i = 0; i < 1500; i++) {
    const { senderPublicKey, sharedSecret } = agreeOnSecret(p256dh);
    expect(sharedSecret).toHaveLength(32);
    expect(userAgent.computeSecret(senderPublicKey).equals(sharedSecret)).toBe(true);
  }
});
