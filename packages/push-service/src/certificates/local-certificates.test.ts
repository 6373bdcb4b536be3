// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs this polyfill, loaded before it
import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { expect, onTestFinished, test } from 'vitest';
import type { KeyedCertificate } from './issue-certificate.ts';
import { localCertificates } from './local-certificates.ts';

const DAY_MS = 86_400_000;
const now = Date.UTC(2026, 0, 1);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'belfry-certificates-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test("the leaf is signed by the authority, for the three loopback names, Chromium's endpoints and the personas', for TLS servers", async () => {
  const { authority, leaf } = await localCertificates({ dataDir: undefined, now });
  const [issuer, issued] = [new X509Certificate(authority.certificate), new X509Certificate(leaf.certificate)];
  expect(issuer.ca).toBe(true);
  expect(issued.ca).toBe(false);
  expect(issued.checkIssued(issuer) && issued.verify(issuer.publicKey)).toBe(true);
  expect(issued.subjectAltName?.split(', ')).toEqual([
    'DNS:localhost',
    'IP Address:127.0.0.1',
    'IP Address:0:0:0:0:0:0:0:1',
    'DNS:jmt17.google.com',
    'DNS:fcm.googleapis.com',
    'DNS:updates.push.services.mozilla.com',
    'DNS:web.push.apple.com',
    'DNS:wns2-par02p.notify.windows.com',
  ]);
  expect(issued.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
});

test('both are kept in the data folder, with keys that only their owner can read', async () => {
  const dataDir = await folder();
  const made = await localCertificates({ dataDir, now });
  expect(await localCertificates({ dataDir, now: now + 300 * DAY_MS })).toEqual(made);
  for (const file of ['push-service-ca-key.pem', 'push-service-tls-key.pem']) {
    expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
  }
  expect(await readFile(join(dataDir, 'push-service-ca.pem'), 'utf8')).toBe(made.authority.certificate);
});

test('a leaf near its end is issued anew by the same authority', async () => {
  const dataDir = await folder();
  const made = await localCertificates({ dataDir, now });
  const later = await localCertificates({ dataDir, now: now + 370 * DAY_MS });
  expect(later.authority).toEqual(made.authority);
  expect(later.leaf.certificate).not.toBe(made.leaf.certificate);
  expect(Date.parse(new X509Certificate(later.leaf.certificate).validTo)).toBeGreaterThan(now + 700 * DAY_MS);
});

test('a missing or broken key is replaced, and what hangs on it', async () => {
  const dataDir = await folder();
  const made = await localCertificates({ dataDir, now });
  await writeFile(join(dataDir, 'push-service-tls-key.pem'), 'broken');
  const mended = await localCertificates({ dataDir, now });
  expect(mended.authority).toEqual(made.authority);
  expect(mended.leaf.certificate).not.toBe(made.leaf.certificate);
  await rm(join(dataDir, 'push-service-ca-key.pem'));
  const anew = await localCertificates({ dataDir, now });
  expect(anew.authority.certificate).not.toBe(made.authority.certificate);
  const issuer = new X509Certificate(anew.authority.certificate);
  expect(new X509Certificate(anew.leaf.certificate).verify(issuer.publicKey)).toBe(true);
});

test.each([
  ['before Chromium', ['localhost']],
  ['before the personas', ['localhost', 'jmt17.google.com', 'fcm.googleapis.com']],
])('a kept leaf of the release %s is issued anew by the same authority', async (_release, hosts) => {
  const dataDir = await folder();
  const made = await localCertificates({ dataDir, now });
  const [leafFile, keyFile] = [join(dataDir, 'push-service-tls.pem'), join(dataDir, 'push-service-tls-key.pem')];
  const older = await leafFor(hosts, { authority: made.authority, from: now });
  await writeFile(leafFile, older.certificate);
  await writeFile(keyFile, older.privateKey);
  const renewed = await localCertificates({ dataDir, now });
  expect(renewed.authority).toEqual(made.authority);
  expect(renewed.leaf.certificate).not.toBe(older.certificate);
  for (const host of ['jmt17.google.com', 'web.push.apple.com']) {
    expect(new X509Certificate(renewed.leaf.certificate).checkHost(host)).toBe(host);
  }
});

/** What an earlier release issued, as far as it matters here. */
async function leafFor(
  hosts: readonly string[],
  { authority, from }: { readonly authority: KeyedCertificate; readonly from: number },
): Promise<KeyedCertificate> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const { subtle } = webcrypto;
  const pem = (text: string) => Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=localhost',
      issuer: new x509.X509Certificate(authority.certificate).subjectName,
      notBefore: new Date(from - DAY_MS),
      notAfter: new Date(from + 300 * DAY_MS),
      publicKey: keys.publicKey,
      signingKey: await subtle.importKey('pkcs8', pem(authority.privateKey), algorithm, false, ['sign']),
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value }) as const))],
    },
    webcrypto,
  );
  const key = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey));
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return {
    certificate: certificate.toString('pem'),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }),
  };
}
