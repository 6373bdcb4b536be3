import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CERTIFIED_HOSTS } from './certified-hosts.ts';
import type { KeyedCertificate } from './issue-certificate.ts';

/** What the endpoint server shows, and what its clients must trust. */
export interface LocalCertificates {
  readonly authority: KeyedCertificate;
  readonly leaf: KeyedCertificate;
}

const DAY_MS = 86_400_000;
/** Ten years: replacing the authority means telling every application server anew. */
const AUTHORITY_VALID_MS = 3650 * DAY_MS;
const LEAF_VALID_MS = 397 * DAY_MS;
/** What a certificate must have left to be used again, so that it does not expire under a running service. */
const REMAINING_MS = 30 * DAY_MS;

/**
 * The authority and its leaf, from the folder where they are still good, else made anew (and kept there). Both are
 * checked: a folder half written, or half copied, is mended instead of serving what no client can verify.
 *
 * @param options.dataDir absent: nothing is kept
 * @param options.now ms since 1970, of the wall clock that clients will judge by
 */
export async function localCertificates(options: {
  readonly dataDir: string | undefined;
  readonly now: number;
}): Promise<LocalCertificates> {
  const { dataDir, now } = options;
  const authority = await keptOrIssued({
    dataDir,
    name: 'push-service-ca',
    isGood: (kept) => isGood(kept, { now, remainingMs: LEAF_VALID_MS }),
    issue: async () => (await certificateIssuer()).issueAuthority({ now, validForMs: AUTHORITY_VALID_MS }),
  });
  const leaf = await keptOrIssued({
    dataDir,
    name: 'push-service-tls',
    isGood: (kept) =>
      isGood(kept, { now, remainingMs: REMAINING_MS }) &&
      new X509Certificate(kept.certificate).verify(new X509Certificate(authority.certificate).publicKey) &&
      // A leaf of an earlier release does not have them all.
      CERTIFIED_HOSTS.every((host) => new X509Certificate(kept.certificate).checkHost(host) !== undefined),
    issue: async () => (await certificateIssuer()).issueLeaf(authority, { now, validForMs: LEAF_VALID_MS }),
  });
  return { authority, leaf };
}

/** Loaded when there is something to issue: it takes about 0.1 s, and its polyfill changes the global `Reflect`. */
const certificateIssuer = () => import('./issue-certificate.ts');

/** `name`.pem is the certificate, `name`-key.pem its key. */
async function keptOrIssued(options: {
  readonly dataDir: string | undefined;
  readonly name: string;
  readonly isGood: (kept: KeyedCertificate) => boolean;
  readonly issue: () => Promise<KeyedCertificate>;
}): Promise<KeyedCertificate> {
  const { dataDir, name } = options;
  if (dataDir === undefined) return options.issue();
  const files = { certificate: join(dataDir, `${name}.pem`), privateKey: join(dataDir, `${name}-key.pem`) };
  const kept = { certificate: await readIfThere(files.certificate), privateKey: await readIfThere(files.privateKey) };
  if (options.isGood(kept)) return kept;
  const issued = await options.issue();
  await replaceFile(files.privateKey, issued.privateKey, 0o600);
  await replaceFile(files.certificate, issued.certificate, 0o644);
  return issued;
}

/** Empty where there is no file: as useless as a broken one, and replaced like it. */
async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function isGood(
  { certificate, privateKey }: KeyedCertificate,
  { now, remainingMs }: { readonly now: number; readonly remainingMs: number },
): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    return (
      parsed.checkPrivateKey(createPrivateKey(privateKey)) &&
      Date.parse(parsed.validFrom) <= now &&
      Date.parse(parsed.validTo) >= now + remainingMs
    );
  } catch {
    // Not PEM, or not of these types.
    return false;
  }
}

/** Whole or not at all: a crash leaves the earlier file. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, path);
}
