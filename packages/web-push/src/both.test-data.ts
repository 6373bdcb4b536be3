import { decodeJwt, decodeProtectedHeader } from 'jose';
import { vi } from 'vitest';
import theirs from 'web-push';
import ours from './default-export.ts';

/** What a call came to, as its caller sees it: the value, or the error's message; and what was warned of. */
export interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
  readonly warnings: readonly string[];
}

type FunctionName =
  | 'encrypt'
  | 'generateRequestDetails'
  | 'generateVAPIDKeys'
  | 'getVapidHeaders'
  | 'setGCMAPIKey'
  | 'setVapidDetails';

/** The same call of both packages, right or wrong, with what is random in their values replaced by its length. */
export function callBoth(name: FunctionName, ...args: readonly unknown[]): { ours: Outcome; theirs: Outcome } {
  return { ours: outcome(() => Reflect.apply(ours[name], undefined, args)), theirs: outcome(() => apply(name, args)) };
}

const apply = (name: FunctionName, args: readonly unknown[]): unknown => Reflect.apply(theirs[name], undefined, args);

function outcome(call: () => unknown): Outcome {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const warnings = (): string[] => warn.mock.calls.map(([message]) => String(message));
  try {
    return { value: comparable(call()), warnings: warnings() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'no error', warnings: warnings() };
  } finally {
    warn.mockRestore();
  }
}

/** For two values made at different times by different random numbers to be equal where they mean the same. */
function comparable(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `${value.length} octets`;
  if (typeof value === 'string') {
    return value
      .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]{86}/g, describeToken)
      .replace(/(dh|salt)=([\w-]+)/g, (_match, name: string, text: string) => `${name}=${text.length} characters`);
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]): [string, unknown] => [
      name,
      /^(salt|publicKey|privateKey)$/.test(name) ? String(field).length : comparable(field),
    ]),
  );
}

function describeToken(token: string): string {
  const { exp = 0, ...claims } = decodeJwt(token);
  const minutes = Math.round((exp - Date.now() / 1000) / 60);
  return JSON.stringify({ header: decodeProtectedHeader(token), claims, minutes });
}
