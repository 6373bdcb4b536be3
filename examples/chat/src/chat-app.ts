import type { Server } from 'node:http';
import { join } from 'node:path';
import { belfryFastify } from '@belfry/fastify';
import type { PushService } from '@belfry/push-service';
import type { Notified } from '@belfry/server';
import { sqlite } from '@belfry/store/sqlite';
import fastifyCookie from '@fastify/cookie';
import Fastify, { type FastifyInstance } from 'fastify';
import { browserFiles } from './browser-files.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { cookieSecret } from './cookie-secret.ts';
import type { LiveReaders } from './live-readers.ts';
import { sessionRoutes, signedInAs } from './session-routes.ts';
import { openMessageLog } from './store/message-log.ts';

export interface ChatAppOptions {
  readonly dataDir: string;
  readonly origin: string;
  readonly pushService: PushService;
  /** Listens already. */
  readonly server: Server;
  readonly readers: LiveReaders;
  /** Told of each notification. */
  onNotified(notified: Notified): void;
}

/** The chat as a Fastify application; what makes it an example is the one `register(belfryFastify, …)`. */
export async function createChatApp(options: ChatAppOptions): Promise<FastifyInstance> {
  const { dataDir, origin, pushService, server, readers, onNotified } = options;
  const app = Fastify({
    serverFactory: (handler) => server.on('request', handler),
    logger: { level: 'warn', base: null, stream: process.stderr },
  });
  await app.register(fastifyCookie, { secret: await cookieSecret(join(dataDir, 'cookie-secret')) });
  await app.register(belfryFastify, {
    store: sqlite(join(dataDir, 'belfry.db')),
    subject: 'mailto:ops@example.com',
    origins: [origin],
    authenticate: signedInAs,
    apiKeys: [process.env['BELFRY_API_KEY']],
    // The local push service, so that everything here runs offline. In production this line goes.
    developmentPushServices: [pushService],
  });
  const log = openMessageLog(join(dataDir, 'chat.db'));
  app.addHook('onClose', async () => log.close());
  await app.register(sessionRoutes);
  await app.register(conversationRoutes, { log, readers, onNotified });
  await app.register(browserFiles);
  await app.ready();
  return app;
}
