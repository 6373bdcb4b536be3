import { createHash, X509Certificate } from 'node:crypto';

/**
 * What Chromium's `--ignore-certificate-errors-spki-list` wants of a certificate: base64 of the SHA-256 of its public
 * key as DER SubjectPublicKeyInfo (RFC 7469 §2.4).
 *
 * @param certificate PEM
 */
export function spkiHash(certificate: string): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}
