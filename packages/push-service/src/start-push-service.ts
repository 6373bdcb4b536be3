import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { serveAutopush } from './autopush/autopush-server.ts';
import { localCertificates } from './certificates/local-certificates.ts';
import { CHROMIUM_ENDPOINT_HOSTS, type ChromiumEndpoints } from './chromium-endpoints.ts';
import type { Clock } from './clock.ts';
import { ConnectedAgents } from './connected-agents.ts';
import { serveEndpoints } from './endpoint/endpoint-server.ts';
import { PushRateLimit } from './endpoint/push-rate-limit.ts';
import { subscriptionUrl } from './endpoint/resource.ts';
import { PushServiceError } from './errors.ts';
import { createIdentifierSource } from './identifiers.ts';
import { DEFAULT_MAX_PENDING, DEFAULT_MAX_PUSHES_PER_MINUTE, MAX_OUTSTANDING_PINGS } from './limits.ts';
import { listen } from './listen.ts';
import { type PushServiceLogger, silentLogger } from './logger.ts';
import { startChromiumServers } from './start-chromium-servers.ts';
import { PushStore } from './store/push-store.ts';
import { sweepStore } from './sweep-store.ts';

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
  /** Port that Chromium checks in and registers at, over http; default 8790, or a free one where `autopushPort` is 0. */
  readonly gcmPort?: number;
  /** Port that Chromium keeps its push connection to, over TLS; default 8791, or a free one where `autopushPort` is 0. */
  readonly mcsPort?: number;
  /** Pushes that a subscription takes in a minute, before it answers 429; default 600 000. */
  readonly maxPushesPerMinute?: number;
  /** Undelivered messages that a subscription keeps, before it answers 429; default 10 000. */
  readonly maxPendingPerSubscription?: number;
  /** For TTLs, VAPID expiry and the rate of pushes; default the system's clock. */
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: PushServiceLogger;
}

export interface PushService {
  /** What Firefox's `dom.push.serverURL` must be, such as 'ws://127.0.0.1:8788/'. */
  readonly autopushUrl: string;
  /** What Chromium must be started with to use this service. */
  readonly chromium: ChromiumEndpoints;
  /** The origin of Firefox's endpoints, and the audience of VAPID tokens for them, such as 'https://localhost:8789'. */
  readonly endpointOrigin: string;
  /** All origins that its endpoints have: besides, the two that are built into Chromium. */
  readonly endpointOrigins: readonly string[];
  /** Where they are to be reached. */
  readonly address: { readonly host: string; readonly port: number };
  /** PEM, for an application server to trust in development; never for a system's trust store. */
  readonly certificateAuthority: string;
  /** Closes connections, servers and store. Firefox reconnects by itself to the next service on the same port. */
  close(): Promise<void>;
}

/**
 * Starts a push service on this machine that unmodified Firefoxes and Chromiums subscribe with, and any RFC 8030 sender
 * sends to.
 *
 * @throws {PushServiceError} `port-in-use`, `cannot-listen`, `host-not-loopback`, `data-folder-in-use`, `data-folder-too-new`
 */
export async function startPushService(options: PushServiceOptions = {}): Promise<PushService> {
  const { dataDir, host = '127.0.0.1', autopushPort = 8788, endpointPort = 8789 } = options;
  // A service that was put on free ports before there were these two must not meet another on them now.
  const { gcmPort = autopushPort === 0 ? 0 : 8790, mcsPort = autopushPort === 0 ? 0 : 8791 } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const { maxPushesPerMinute = DEFAULT_MAX_PUSHES_PER_MINUTE, maxPendingPerSubscription = DEFAULT_MAX_PENDING } =
    options;
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
    closers.push(sweepStore({ store, clock, logger }));

    // Judged by the wall clock of whoever connects, so options.clock has no say in it.
    const { authority, leaf } = await localCertificates({ dataDir, now: Date.now() });
    const agents = new ConnectedAgents();
    const shared = { store, agents, identifiers: createIdentifierSource(randomBytes), clock, logger };

    const secureServer = createSecureServer({
      allowHTTP1: true,
      cert: leaf.certificate,
      key: leaf.privateKey,
      maxOutstandingPings: MAX_OUTSTANDING_PINGS,
    });
    const port = await listen(secureServer, { host, port: endpointPort });
    const origin = `https://localhost:${port}`;
    const origins = [origin, ...CHROMIUM_ENDPOINT_HOSTS.map((name) => `https://${name}`)];
    const endpoints = serveEndpoints(secureServer, {
      ...shared,
      origins,
      rateLimit: new PushRateLimit(maxPushesPerMinute),
      maxPendingPerSubscription,
    });
    closers.push(() => endpoints.close());

    // Plain requests: 426 Upgrade Required.
    const server = createServer((_request, response) => response.writeHead(426).end());
    const boundAutopushPort = await listen(server, { host, port: autopushPort });
    const autopush = serveAutopush(server, { ...shared, endpoint: (token) => subscriptionUrl(origin, token) });
    closers.push(() => autopush.close());

    const onListening = (close: () => Promise<void>): void => void closers.push(close);
    const chromium = await startChromiumServers({ ...shared, host, gcmPort, mcsPort, leaf, onListening });

    const autopushUrl = `ws://${isIPv6(host) ? `[${host}]` : host}:${boundAutopushPort}/`;
    const { checkinUrl, mcsEndpoint } = chromium;
    logger.info('Push service started', {
      autopushPort: boundAutopushPort,
      endpointPort: port,
      checkinUrl,
      mcsEndpoint,
    });
    return {
      autopushUrl,
      chromium,
      endpointOrigin: origin,
      endpointOrigins: origins,
      address: { host, port },
      certificateAuthority: authority.certificate,
      close: () => (closed ??= closeAll()),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
