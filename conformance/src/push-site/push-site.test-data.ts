import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { belfryFastify } from '@belfry/fastify';
import { generateVapidKeys, type VapidKeys } from '@belfry/protocol';
import { type Clock, type PushService, startPushService } from '@belfry/push-service';
import { sqlite } from '@belfry/store/sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { rolldown } from 'rolldown';

/** The smallest site with Belfry: every page of it is the same, and its one user is ada. */
export interface PushSite {
  readonly origin: string;
  readonly app: FastifyInstance;
  /** The one that runs at present. */
  readonly pushService: PushService;
  readonly vapid: VapidKeys;
  /** Ends the push service and starts it on the same ports. */
  restartPushService(): Promise<void>;
  close(): Promise<void>;
}

const PAGE =
  '<!doctype html><title>Site</title><button id="enable">Enable</button><p id="state"></p><script type="module" src="/page.js"></script>';

/** @param options.clock the push service's */
export async function startPushSite(options: { readonly clock?: Clock } = {}): Promise<PushSite> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-site-'));
  const dataDir = join(folder, 'push-service');
  let pushService = await startPushService({ ...options, dataDir, autopushPort: 0, endpointPort: 0 });
  const server = createServer();
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://localhost:${typeof address === 'object' ? address?.port : ''}`;
  const vapid = generateVapidKeys();
  const app = Fastify({ serverFactory: (handler) => server.on('request', handler) });
  await app.register(belfryFastify, {
    store: sqlite(join(folder, 'belfry.db')),
    subject: 'mailto:ops@example.com',
    origins: [origin],
    authenticate: () => 'ada',
    vapid: [vapid],
    developmentPushServices: [pushService],
  });
  for (const name of ['page', 'service-worker']) {
    const script = await bundle(name);
    app.get(`/${name}.js`, (_request, reply) => reply.type('text/javascript').send(script));
  }
  app.get('/*', (_request, reply) => reply.type('text/html').send(PAGE));
  await app.ready();
  return {
    origin,
    app,
    get pushService() {
      return pushService;
    },
    vapid,
    async restartPushService() {
      await pushService.close();
      pushService = await startPushService({ ...options, dataDir, ...portsOf(pushService) });
    },
    async close() {
      await app.close();
      server.close();
      server.closeAllConnections();
      await pushService.close();
      await rm(folder, { recursive: true });
    },
  };
}

function portsOf({ autopushUrl, address, chromium }: PushService) {
  const port = (url: string): number => Number(new URL(url).port);
  return {
    autopushPort: port(autopushUrl),
    endpointPort: address.port,
    gcmPort: port(chromium.checkinUrl),
    mcsPort: port(chromium.mcsEndpoint),
  };
}

async function bundle(name: string): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL(`./${name}.browser.js`, import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@belfry/source', 'import', 'default'] },
  });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  return output[0].code;
}
