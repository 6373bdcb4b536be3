// @peculiar/x509 resolves its algorithms through a container that needs this polyfill, loaded before it.
// oxlint-disable-next-line import/no-unassigned-import -- a polyfill has nothing to import
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { CERTIFIED_HOSTS } from './certified-hosts.ts';

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  /** PKCS #8. */
  readonly privateKey: string;
}

export interface Validity {
  /** ms since 1970. */
  readonly now: number;
  readonly validForMs: number;
}

const DAY_MS = 86_400_000;
const ECDSA_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const AUTHORITY_NAME = 'CN=Belfry push service (development)';
const TLS_SERVER = '1.3.6.1.5.5.7.3.1';

/** A certificate authority of its own (RFC 5280), which may sign leaves and no further authority. */
export async function issueAuthority(validity: Validity): Promise<KeyedCertificate> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: AUTHORITY_NAME,
      ...period(validity),
      keys,
      signingAlgorithm: ECDSA_P256,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return keyedCertificate(certificate, keys);
}

/**
 * A TLS server certificate for this machine under its three loopback names, and under the hosts that it may stand in for.
 */
export async function issueLeaf(authority: KeyedCertificate, validity: Validity): Promise<KeyedCertificate> {
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=localhost',
      issuer: issuer.subjectName,
      ...period(validity),
      publicKey: keys.publicKey,
      signingKey: await importSigningKey(authority.privateKey),
      signingAlgorithm: ECDSA_P256,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([TLS_SERVER]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          { type: 'ip', value: '::1' },
          ...CERTIFIED_HOSTS.map((value) => ({ type: 'dns', value }) as const),
        ]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return keyedCertificate(certificate, keys);
}

/** Begins a day early, for a client whose clock is behind. */
function period({ now, validForMs }: Validity): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + validForMs) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ECDSA_P256, true, ['sign', 'verify']);
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ECDSA_P256, false, ['sign']);
}

async function keyedCertificate(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<KeyedCertificate> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: certificate.toString('pem'),
    privateKey: x509.PemConverter.encode(pkcs8, x509.PemConverter.PrivateKeyTag),
  };
}
