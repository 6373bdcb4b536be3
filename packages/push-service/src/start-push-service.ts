import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { serveAutopush } from './autopush/autopush-server.ts';
import { localCertificates } from './certificates/local-certificates.ts';
import { ConnectedAgents } from './connected-agents.ts';
import { serveEndpoints } from './endpoint/endpoint-server.ts';
import { subscriptionUrl } from './endpoint/resource.ts';
import { PushServiceError } from './errors.ts';
import { createIdentifierSource } from './identifiers.ts';
import { listen } from './listen.ts';
import { type PushServiceLogger, silentLogger } from './logger.ts';
import { PushStore } from './store/push-store.ts';

export interface PushServiceOptions {
  /**
   * Folder for subscriptions, undelivered messages, the certificate authority and keys; made if it is not there. Firefox
   * drops its subscriptions when a service has forgotten them. Absent: everything is in memory.
   */
  readonly dataDir?: string;
  /** Loopback address to listen on; default '127.0.0.1'. */
  readonly host?: string;
  /** Port that Firefox connects to; default 8788, 0 for any free one. */
  readonly autopushPort?: number;
  /** Port that application servers send to; default 8789, 0 for any free one. Part of every endpoint, so keep it. */
  readonly endpointPort?: number;
  /** ms since 1970, for TTLs and VAPID expiry; default the system's clock. */
  readonly clock?: { now(): number };
  /** Default: silent. */
  readonly logger?: PushServiceLogger;
}

export interface PushService {
  /** What Firefox's `dom.push.serverURL` must be, such as 'ws://127.0.0.1:8788/'. */
  readonly autopushUrl: string;
  /** The origin of every endpoint, and the audience of VAPID tokens, such as 'https://localhost:8789'. */
  readonly endpointOrigin: string;
  /** All origins that its endpoints have. */
  readonly endpointOrigins: readonly string[];
  /** Where they are to be reached. */
  readonly address: { readonly host: string; readonly port: number };
  /** PEM, for an application server to trust in development; never for a system's trust store. */
  readonly certificateAuthority: string;
  /** Closes connections, servers and store. Firefox reconnects by itself to the next service on the same port. */
  close(): Promise<void>;
}

/**
 * Starts a push service on this machine that an unmodified Firefox subscribes with, and any RFC 8030 sender sends to.
 *
 * @throws {PushServiceError} `port-in-use`, `cannot-listen`, `host-not-loopback`, `data-folder-too-new`
 */
export async function startPushService(options: PushServiceOptions = {}): Promise<PushService> {
  const { dataDir, host = '127.0.0.1', autopushPort = 8788, endpointPort = 8789 } = options;
  const { clock = { now: () => Date.now() }, logger = silentLogger } = options;
  if (!isLoopback(host)) {
    throw new PushServiceError(
      'host-not-loopback',
      "The push service listens on this machine only: host must be '127.0.0.1', '::1' or 'localhost'",
    );
  }

  // Closed last to first, at `close` as after a start that failed halfway.
  const closers: (() => void | Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  let closed: Promise<void> | undefined;
  try {
    if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
    const store = new PushStore(dataDir === undefined ? ':memory:' : join(dataDir, 'push-service.db'));
    closers.push(() => store.close());
    store.removeExpired(clock.now());

    // Judged by the wall clock of whoever connects, so options.clock has no say in it.
    const { authority, leaf } = await localCertificates({ dataDir, now: Date.now() });
    const agents = new ConnectedAgents();
    const shared = { store, agents, identifiers: createIdentifierSource(randomBytes), clock, logger };

    const secureServer = createSecureServer({ allowHTTP1: true, cert: leaf.certificate, key: leaf.privateKey });
    const port = await listen(secureServer, { host, port: endpointPort });
    const origin = `https://localhost:${port}`;
    const endpoints = serveEndpoints(secureServer, { ...shared, origin });
    closers.push(() => endpoints.close());

    // Plain requests: 426 Upgrade Required.
    const server = createServer((_request, response) => response.writeHead(426).end());
    const boundAutopushPort = await listen(server, { host, port: autopushPort });
    const autopush = serveAutopush(server, { ...shared, endpoint: (token) => subscriptionUrl(origin, token) });
    closers.push(() => autopush.close());

    const autopushUrl = `ws://${isIPv6(host) ? `[${host}]` : host}:${boundAutopushPort}/`;
    logger.info('Push service started', { autopushPort: boundAutopushPort, endpointPort: port });
    return {
      autopushUrl,
      endpointOrigin: origin,
      endpointOrigins: [origin],
      address: { host, port },
      certificateAuthority: authority.certificate,
      close: () => (closed ??= closeAll()),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
