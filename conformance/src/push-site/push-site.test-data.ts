import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { belfryFastify } from '@belfry/fastify';
import { generateVapidKeys, type VapidKeys } from '@belfry/protocol';
import { type Clock, type PushService, startPushService } from '@belfry/push-service';
import { sqlite } from '@belfry/store/sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { bundle } from './bundle.test-data.ts';
import { addSessionRoutes, signedIn } from './session-routes.test-data.ts';

/** The smallest site with Belfry: every page of it is the same, and its users sign in with their name alone. */
export interface PushSite {
  readonly origin: string;
  readonly app: FastifyInstance;
  /** The one that runs at present. */
  readonly pushService: PushService;
  /** The first of the store's; `app.belfry.rotateVapidKeys()` adds others. */
  readonly vapid: VapidKeys;
  /** Ends the push service and starts it on the same ports. */
  restartPushService(): Promise<void>;
  /** While it is cut, every connection to the site ends at once; the push service stays up, and `notify` still works. */
  cutNetwork(isCut: boolean): void;
  close(): Promise<void>;
}

export interface PushSiteOptions {
  /** The push service's. */
  readonly clock?: Clock;
  /** The pages' module, in place of `page.browser.js`; served as `/page.js`. */
  readonly page?: URL;
  /** The worker's module, in place of `service-worker.browser.js`; served as `/service-worker.js`. */
  readonly worker?: URL;
  /** What the pages hold before `/page.js` runs; default: a button and the state. */
  readonly html?: string;
  /** More modules, by the path that they are served at, such as `/other-worker.js`. */
  readonly scripts?: Readonly<Record<string, URL>>;
}

const HTML = '<button id="enable">Enable</button><p id="state"></p>';

export async function startPushSite(options: PushSiteOptions = {}): Promise<PushSite> {
  const { clock, page, worker, html = HTML, scripts } = options;
  const folder = await mkdtemp(join(tmpdir(), 'belfry-site-'));
  const pushServiceOptions = { ...(clock !== undefined && { clock }), dataDir: join(folder, 'push-service') };
  let pushService = await startPushService({ ...pushServiceOptions, autopushPort: 0, endpointPort: 0 });
  const server = createServer();
  const cutNetwork = cutter(server);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://localhost:${typeof address === 'object' ? address?.port : ''}`;
  const vapid = generateVapidKeys();
  const app = Fastify({ serverFactory: (handler) => server.on('request', handler) });
  await app.register(belfryFastify, {
    async store() {
      const store = await sqlite(join(folder, 'belfry.db'))();
      await store.ensureVapidKeys({ candidate: vapid, now: Date.now() });
      return store;
    },
    subject: 'mailto:ops@example.com',
    origins: [origin],
    authenticate: signedIn,
    env: {},
    developmentPushServices: [pushService],
  });
  addSessionRoutes(app);
  const modules = {
    '/page.js': page ?? new URL('page.browser.js', import.meta.url),
    '/service-worker.js': worker ?? new URL('service-worker.browser.js', import.meta.url),
    ...scripts,
  };
  for (const [path, module] of Object.entries(modules)) {
    const script = await bundle(module);
    app.get(path, (_request, reply) => reply.type('text/javascript').send(script));
  }
  const document = `<!doctype html><title>Site</title>${html}<script type="module" src="/page.js"></script>`;
  app.get('/*', (_request, reply) => reply.type('text/html').send(document));
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
      pushService = await startPushService({ ...pushServiceOptions, ...portsOf(pushService) });
    },
    cutNetwork,
    async close() {
      await app.close();
      server.close();
      server.closeAllConnections();
      await pushService.close();
      await rm(folder, { recursive: true });
    },
  };
}

function cutter(server: Server): (isCut: boolean) => void {
  let isCutNow = false;
  server.on('connection', (socket) => {
    if (isCutNow) socket.destroy();
  });
  return (isCut) => {
    isCutNow = isCut;
    if (isCut) server.closeAllConnections();
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
