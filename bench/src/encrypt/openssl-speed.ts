import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What the system's own OpenSSL takes for a P-256 ECDH, without a key pair, in µs. */
export interface OpensslSpeed {
  readonly version: string;
  readonly ecdhUs: number;
}

/** @returns undefined where it is not installed */
export async function opensslSpeed(seconds: number, signal: AbortSignal): Promise<OpensslSpeed | undefined> {
  const openssl = async (...args: string[]) => (await promisify(execFile)('openssl', args, { signal })).stdout;
  try {
    const perSecond = /([\d.]+)\s*$/.exec(await openssl('speed', '-seconds', String(seconds), 'ecdhp256'))?.[1];
    const version = await openssl('version');
    return { version: version.trim(), ecdhUs: Math.round(100_000_000 / Number(perSecond)) / 100 };
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
