/** An HTTP proxy, and how it is asked. Holds credentials: never to be logged. */
export interface ProxyAddress {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Of `Proxy-Authorization`, where it wants credentials. */
  readonly authorization: string | undefined;
}

/** Reads `http://user:password@host:port`; undefined where it is not that. */
export function parseProxy(text: string): ProxyAddress | undefined {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:' || url.pathname + url.search + url.hash !== '/') return undefined;
  const authorization = basicCredentials(url);
  if (authorization === null) return undefined;
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), authorization };
}

/** RFC 7617 §2, or null where the percent-encoding is broken or the user's name has a colon, which Basic cannot carry. */
function basicCredentials({ username, password }: URL): string | undefined | null {
  if (username === '' && password === '') return undefined;
  try {
    const user = decodeURIComponent(username);
    if (user.includes(':')) return null;
    return `Basic ${Buffer.from(`${user}:${decodeURIComponent(password)}`).toString('base64')}`;
  } catch {
    return null;
  }
}
