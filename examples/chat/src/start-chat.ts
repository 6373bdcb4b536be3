import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type PushService, startPushService } from '@belfry/push-service';
import type { Notified } from '@belfry/server';
import { createChatApp } from './chat-app.ts';
import { LiveReaders } from './live-readers.ts';

export interface ChatOptions {
  /** 0: any free one. */
  readonly port: number;
  /** The first of the push service's four: Firefox's, the endpoints', and two for Chromium. 0: any free ones. */
  readonly pushPort: number;
  /** Holds both databases and the push service's certificate authority; made if it is not there. */
  readonly dataDir: string;
  /** Told of each notification: a demonstration counts what became of it. */
  onNotified?(notified: Notified): void;
}

export interface Chat {
  /** Such as http://localhost:8787. */
  readonly origin: string;
  readonly readers: LiveReaders;
  readonly pushService: PushService;
  close(): Promise<void>;
}

/** Starts the chat with Belfry inside it, and a push service beside it. */
export async function startChat(options: ChatOptions): Promise<Chat> {
  const { port, pushPort, dataDir, onNotified = () => {} } = options;
  await mkdir(dataDir, { recursive: true });
  // It listens before there is an application: Belfry has to know its origin, and with it the port.
  const server = createServer();
  const origin = `http://localhost:${await listen(server, port)}`;
  const pushService = await startPushService({
    dataDir: join(dataDir, 'push-service'),
    ...pushPorts(pushPort),
  });
  const readers = new LiveReaders();
  const app = await createChatApp({ dataDir, origin, pushService, server, readers, onNotified });
  return {
    origin,
    readers,
    pushService,
    async close() {
      await app.close();
      // Fastify closes only what it opened.
      server.close();
      server.closeAllConnections();
      await pushService.close();
    },
  };
}

function pushPorts(first: number) {
  if (first === 0) return { autopushPort: 0, endpointPort: 0, gcmPort: 0, mcsPort: 0 };
  return { autopushPort: first, endpointPort: first + 1, gcmPort: first + 2, mcsPort: first + 3 };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, 'localhost');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`Port ${port} is in use: stop what has it, or choose another with PORT=…`, { cause });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
