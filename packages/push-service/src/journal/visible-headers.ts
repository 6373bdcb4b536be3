import type { IncomingHttpHeaders } from 'node:http2';

const HIDDEN = new Set(['cookie', 'proxy-authorization', 'referer']);

/** A request's headers as a person may see them: without pseudo-headers, which hold the endpoint, and without secrets. */
export function visibleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith(':') && !HIDDEN.has(name))
      .map(([name, value]) => [name, visible(name, String(value))]),
  );
}

function visible(name: string, value: string): string {
  switch (name) {
    case 'authorization':
      return withoutToken(value);
    // A receipt subscription (RFC 8030 §5.1), which is whose who knows it.
    case 'link':
      return value.replace(/\/r\/[A-Za-z0-9_-]+/g, '/r/…');
    default:
      return value;
  }
}

/** The scheme, and of the rest the public key. */
function withoutToken(authorization: string): string {
  const [scheme = ''] = /^[A-Za-z]+(?= )/.exec(authorization) ?? [];
  const [key] = /\bk=[A-Za-z0-9_-]{87}\b/.exec(authorization) ?? [];
  return [scheme, ['t=…', key].filter((part) => part !== undefined).join(', ')].join(' ').trim();
}
