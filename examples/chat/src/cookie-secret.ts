import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/** The secret that signs session cookies, made at the first start. */
export async function cookieSecret(path: string): Promise<string> {
  const made = randomBytes(32).toString('base64url');
  // `wx`: only where there is none yet.
  await writeFile(path, made, { mode: 0o600, flag: 'wx' }).catch(() => {});
  return await readFile(path, 'utf8');
}
