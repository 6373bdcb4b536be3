import { type ClientRequest, request as httpRequest } from 'node:http';
import { Agent, type RequestOptions, request as httpsRequest } from 'node:https';
import { isIPv6 } from 'node:net';
import type { HttpsProxyAgentOptions } from './types.ts';

type OnConnection = NonNullable<Parameters<Agent['createConnection']>[1]>;

/** More than an application has; where it makes new ones all the time, there must be an end. */
const MAX_AGENTS = 16;

/**
 * Hands out an agent per proxy. Those of URLs are used again, with their connections; proxies given by their parts are
 * often new objects for each request, whose connections would be left over.
 */
export function createProxyAgents(): (proxy: string | HttpsProxyAgentOptions) => Agent {
  const agents = new Map<string, Agent>();
  return (proxy) => {
    if (typeof proxy !== 'string') return new ProxyAgent(proxy, { keepAlive: false });
    const known = agents.get(proxy);
    if (known !== undefined) return known;
    const agent = new ProxyAgent(parseProxy(proxy), { keepAlive: true });
    if (agents.size >= MAX_AGENTS) agents.clear();
    agents.set(proxy, agent);
    return agent;
  };
}

/** 'proxy.example:3128' is a URL too, of the scheme 'proxy.example:'. */
function parseProxy(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  // Without the text, in which there may be a password.
  throw new Error('The proxy must be an http: or https: URL, or an object with a host');
}

/** Connects by way of a tunnel (CONNECT, RFC 9110 §9.3.6), in which TLS is between this side and the push service. */
class ProxyAgent extends Agent {
  readonly #proxy: URL | HttpsProxyAgentOptions;

  constructor(proxy: URL | HttpsProxyAgentOptions, options: { readonly keepAlive: boolean }) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: RequestOptions, callback: OnConnection = () => {}): undefined {
    // Node wants the error alone, its types a stream beside it.
    const fail = (error: Error): void => Reflect.apply(callback, undefined, [error]);
    const connect = openTunnel(this.#proxy, options);
    connect.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) {
        const inTunnel = { ...options, socket };
        callback(null, super.createConnection(inTunnel) ?? socket);
        return;
      }
      socket.destroy();
      // Not a WebPushError: a proxy's 404 must not pass for a subscription that has ended.
      fail(new Error(`The proxy answered CONNECT with ${statusCode}`));
    });
    connect.once('timeout', () => connect.destroy(new Error('Socket timeout')));
    connect.once('error', fail);
    connect.end();
  }
}

function openTunnel(proxy: URL | HttpsProxyAgentOptions, target: RequestOptions): ClientRequest {
  const { protocol, username, password } = proxy;
  const parts = proxy instanceof URL ? {} : proxy;
  const hostname = proxy instanceof URL ? proxy.hostname : proxy.host;
  const host = target.host ?? 'localhost';
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${target.port}`;
  const credentials = `${decodeURIComponent(username ?? '')}:${decodeURIComponent(password ?? '')}`;
  const request = protocol === 'https:' ? httpsRequest : httpRequest;
  return request({
    ...parts,
    protocol: protocol === 'https:' ? protocol : 'http:',
    method: 'CONNECT',
    hostname: hostname?.replace(/^\[|\]$/g, ''),
    port: proxy.port,
    path: authority,
    agent: false,
    headers: {
      ...('headers' in proxy && proxy.headers),
      host: authority,
      ...(credentials !== ':' && {
        'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`,
      }),
    },
    ...(target.timeout !== undefined && { timeout: target.timeout }),
  });
}
