import { branded } from '@belfry/protocol';
import type { AcceptedPush, PushHead } from './persona.ts';
import { ERROR_ANSWERS } from './rfc8030-errors.ts';

/** As many reasons to refuse as there are: each table of a persona's test has them all. */
export const REFUSALS: number = Object.keys(ERROR_ANSWERS).length;

export const ACCEPTED: AcceptedPush = {
  messageId: branded('AAECAwQFBgcICQoLDA0ODw'),
  location: 'https://push.example.net/m/AAECAwQFBgcICQoLDA0ODw',
  ttlSeconds: 60,
  receipts: undefined,
};

/** One that every persona takes, except for what is overridden. */
export function pushHead(
  overridden: {
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly ttlSeconds?: number;
    readonly subject?: string | undefined;
  } = {},
): PushHead {
  const headers: Readonly<Record<string, string | undefined>> = { 'content-length': '0', ...overridden.headers };
  return { ttlSeconds: 60, subject: 'mailto:ops@example.com', ...overridden, header: (name) => headers[name] };
}
