import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { serveAutopush } from './autopush/autopush-server.ts';
import { localCertificates } from './certificates/local-certificates.ts';
import { CHROMIUM_ENDPOINT_HOSTS } from './chromium-endpoints.ts';
import type { Clock } from './clock.ts';
import { ConnectedAgents } from './connected-agents.ts';
import { serveControl } from './control/control-server.ts';
import { createControl } from './control/create-control.ts';
import { personaNamed } from './control/persona-named.ts';
import { serveEndpoints } from './endpoint/endpoint-server.ts';
import { PushRateLimit } from './endpoint/push-rate-limit.ts';
import { subscriptionUrl } from './endpoint/resource.ts';
import { PushServiceError } from './errors.ts';
import { FaultScript } from './faults/fault-script.ts';
import { createIdentifierSource } from './identifiers.ts';
import { PushJournal } from './journal/push-journal.ts';
import {
  DEFAULT_KEPT_PUSHES,
  DEFAULT_MAX_PENDING,
  DEFAULT_MAX_PUSHES_PER_MINUTE,
  FLUSH_DELAY_MS,
  MAX_OUTSTANDING_PINGS,
  MAX_VERIFIED_TOKENS,
} from './limits.ts';
import { listen } from './listen.ts';
import { silentLogger } from './logger.ts';
import { PersonaChoice } from './personas/persona-choice.ts';
import { ORIGINS_WITH_PERSONA, PERSONA_ORIGINS } from './personas/persona-origins.ts';
import type { PushServiceOptions } from './push-service-options.ts';
import type { PushService } from './push-service.ts';
import { RecentMap } from './recent-map.ts';
import { ScriptedSubscriptions } from './scripted/scripted-subscriptions.ts';
import { startChromiumServers } from './start-chromium-servers.ts';
import { PushStore } from './store/push-store.ts';
import { sweepStore } from './sweep-store.ts';

/**
 * Starts a push service on this machine that unmodified Firefoxes and Chromiums subscribe with, and any RFC 8030 sender
 * sends to.
 *
 * @throws {PushServiceError} `port-in-use`, `cannot-listen`, `host-not-loopback`, `data-folder-in-use`, `data-folder-too-new`,
 *   `data-folder-unusable`, `unknown-persona`
 */
export async function startPushService(options: PushServiceOptions = {}): Promise<PushService> {
  const { dataDir, host = '127.0.0.1', autopushPort = 8788, endpointPort = 8789 } = options;
  // A service that was put on free ports before there were these two must not meet another on them now.
  const { gcmPort = autopushPort === 0 ? 0 : 8790, mcsPort = autopushPort === 0 ? 0 : 8791 } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const { maxPushesPerMinute = DEFAULT_MAX_PUSHES_PER_MINUTE, maxPendingPerSubscription = DEFAULT_MAX_PENDING } =
    options;
  const { controlPort = autopushPort === 0 ? 0 : 8792, keptPushes = DEFAULT_KEPT_PUSHES } = options;
  const persona = personaNamed(options.persona ?? 'rfc8030');
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
    const journal = new PushJournal({ limit: keptPushes, logger });
    const path = dataDir === undefined ? ':memory:' : join(dataDir, 'push-service.db');
    const store = new PushStore({
      path,
      onEnded: (ids, end) => journal.end(ids, end),
      // By real time, as the disk is: nothing that a test could see depends on it.
      later: (callback) => setTimeout(callback, FLUSH_DELAY_MS),
    });
    closers.push(() => store.close());
    closers.push(sweepStore({ store, clock, logger }));

    // Judged by the wall clock of whoever connects, so options.clock has no say in it.
    const { authority, leaf } = await localCertificates({ dataDir, now: Date.now() });
    const shared = {
      store,
      agents: new ConnectedAgents(),
      identifiers: createIdentifierSource(randomBytes),
      personas: new PersonaChoice(persona, ORIGINS_WITH_PERSONA),
      faults: new FaultScript(),
      journal,
      clock,
      logger,
    };
    const scripted = new ScriptedSubscriptions(shared);

    const secureServer = createSecureServer({
      allowHTTP1: true,
      cert: leaf.certificate,
      key: leaf.privateKey,
      maxOutstandingPings: MAX_OUTSTANDING_PINGS,
    });
    const port = await listen(secureServer, { host, port: endpointPort });
    const origin = `https://localhost:${port}`;
    const endpointOrigins = [origin, ...CHROMIUM_ENDPOINT_HOSTS.map((name) => `https://${name}`)];
    const endpoints = serveEndpoints(secureServer, {
      ...shared,
      origins: [...new Set([...endpointOrigins, ...Object.values(PERSONA_ORIGINS)])],
      rateLimit: new PushRateLimit(maxPushesPerMinute),
      verified: new RecentMap(MAX_VERIFIED_TOKENS),
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

    const control = createControl({ ...shared, scripted, localOrigin: origin });
    const service = {
      persona: () => shared.personas.of(origin).name,
      endpointOrigin: origin,
      certificateAuthority: authority.certificate,
    };
    const controlServer = createServer();
    const boundControlPort = await listen(controlServer, { host, port: controlPort });
    closers.push(serveControl(controlServer, { control, service, logger }).close);

    const urlHost = isIPv6(host) ? `[${host}]` : host;
    const autopushUrl = `ws://${urlHost}:${boundAutopushPort}/`;
    const controlUrl = `http://${urlHost}:${boundControlPort}/`;
    const { checkinUrl, mcsEndpoint } = chromium;
    logger.info('Push service started', {
      autopushPort: boundAutopushPort,
      endpointPort: port,
      checkinUrl,
      mcsEndpoint,
      controlUrl,
    });
    return {
      ...control,
      autopushUrl,
      chromium,
      endpointOrigin: origin,
      endpointOrigins,
      personaOrigins: PERSONA_ORIGINS,
      controlUrl,
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
