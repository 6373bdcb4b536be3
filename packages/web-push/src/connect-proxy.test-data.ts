import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ConnectProxy {
  readonly host: string;
  readonly port: number;
  /** One for each tunnel that was asked for. */
  readonly asked: readonly { readonly target: string; readonly headers: IncomingHttpHeaders }[];
}

/** An HTTP proxy that does nothing but CONNECT; `status` is its answer to that, and undefined is none. */
export async function connectProxy(options: {
  readonly status: number | undefined;
  readonly tls?: ServerOptions;
}): Promise<ConnectProxy> {
  const asked: { target: string; headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  const opened = (socket: Socket): void => void sockets.add(socket.on('error', () => socket.destroy()));
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  server.on('connection', opened);
  server.on('connect', (request, socket, head) => {
    asked.push({ target: request.url ?? '', headers: request.headers });
    if (options.status === undefined) return;
    if (options.status !== 200) {
      socket.end(`HTTP/1.1 ${options.status} No\r\ncontent-length: 2\r\n\r\nno`);
      return;
    }
    const { hostname, port } = new URL(`tcp://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    opened(target);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port }: AddressInfo = Object(server.address());
  return { host: '127.0.0.1', port, asked };
}
