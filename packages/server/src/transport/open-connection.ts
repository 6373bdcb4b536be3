import { isIP, type LookupFunction } from 'node:net';
import { type ConnectionOptions, connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { PushServiceOrigin } from '@belfry/protocol';
import type { Connection, ConnectionEvents } from './connection.ts';
import type { DevelopmentPushService } from './endpoint-policy.ts';
import { openHttp1 } from './http1-connection.ts';
import { openHttp2 } from './http2-connection.ts';
import { isPrivateHost } from './private-address.ts';
import type { ProxyAddress } from './proxy-address.ts';
import { openTunnel } from './proxy-tunnel.ts';
import { RefusedAddressError } from './public-lookup.ts';

/** Where connections may go, and by which way. */
export interface ConnectionRoute {
  /** Where an origin is a development push service, its address and certificate authority are used. */
  development(origin: string): DevelopmentPushService | undefined;
  /** Whether an origin is on the list of push services. */
  allows(origin: string): boolean;
  readonly proxy: ProxyAddress | undefined;
  /** Answer public addresses only; the one for unproven origins does a few at a time. */
  readonly lookup: { readonly proven: LookupFunction; readonly unproven: LookupFunction };
  /** What TLS trusts: a certificate authority in PEM, or the system's. */
  secureContext(certificateAuthority: string | undefined): SecureContext;
}

/** An attempt to connect took too long. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
}

export interface OpenOptions extends ConnectionEvents {
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /** The origin has answered lately, or is a known push service. */
  readonly isProven: boolean;
}

/** Connects once, and speaks what the server chooses by ALPN (RFC 7301): HTTP/2, else HTTP/1.1. */
export async function openConnection(
  origin: PushServiceOrigin,
  route: ConnectionRoute,
  { signal, isProven, ...events }: OpenOptions,
): Promise<Connection> {
  const options = await tlsOptions(origin, route, { signal, isProven });
  signal.throwIfAborted();
  const socket = connect({ ...options, ALPNProtocols: ['h2', 'http/1.1'] });
  const end = (): void => void socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    await secured(socket);
    return socket.alpnProtocol === 'h2' ? await openHttp2(socket, origin, events) : openHttp1(socket, origin, events);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function tlsOptions(
  origin: PushServiceOrigin,
  route: ConnectionRoute,
  { signal, isProven }: Pick<OpenOptions, 'signal' | 'isProven'>,
): Promise<ConnectionOptions> {
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  // TLS names a host, never an address (RFC 6066 §3).
  const servername = isIP(host) === 0 ? host : '';
  const local = route.development(origin);
  const secureContext = route.secureContext(local?.certificateAuthority);
  if (local !== undefined) return { ...local.address, secureContext, servername };
  // An address in the URL itself is never looked up.
  if (!route.allows(origin) || isPrivateHost(hostname)) throw new RefusedAddressError();
  if (route.proxy === undefined) {
    const lookup = isProven ? route.lookup.proven : route.lookup.unproven;
    return { host, port: Number(port || 443), lookup, secureContext, servername };
  }
  const tunnel = await openTunnel(route.proxy, `${hostname}:${port || 443}`, signal);
  return { socket: tunnel, host, secureContext, servername };
}

function secured(socket: TLSSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('secureConnect', resolve);
  // Stays on: an error must not end the process, whenever it comes.
  socket.on('error', reject);
  socket.once('close', () => reject(new Error('The connection ended before it was up')));
  return promise;
}
