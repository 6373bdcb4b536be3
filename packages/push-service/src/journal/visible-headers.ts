import type { IncomingHttpHeaders } from 'node:http2';

/** A request's headers as a person may see them: without pseudo-headers, which hold the endpoint, and without secrets. */
export function visibleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith(':') && name !== 'cookie' && name !== 'proxy-authorization')
      .map(([name, value]) => [name, name === 'authorization' ? withoutToken(String(value)) : String(value)]),
  );
}

/** The scheme, and of the rest the public key. */
function withoutToken(authorization: string): string {
  const [scheme = ''] = /^[A-Za-z]+(?= )/.exec(authorization) ?? [];
  const [key] = /\bk=[A-Za-z0-9_-]{87}\b/.exec(authorization) ?? [];
  return [scheme, ['t=…', key].filter((part) => part !== undefined).join(', ')].join(' ').trim();
}
