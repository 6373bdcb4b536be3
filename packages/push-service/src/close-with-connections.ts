import type { Server, Socket } from 'node:net';

/**
 * Keeps count of a server's connections from now on; the function it answers ends them all and closes the server. Every
 * TCP connection counts, since one that never finishes its TLS handshake would keep the server from closing too.
 */
export function closeWithConnections(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
    return promise;
  };
}
