import type { Server } from 'node:net';
import { PushServiceError } from './errors.ts';

/**
 * Listens, and answers the port: the one asked for, or a free one for 0.
 *
 * @throws {PushServiceError} `port-in-use`, `cannot-listen`
 */
export async function listen(
  server: Server,
  address: { readonly host: string; readonly port: number },
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(address, resolve);
  try {
    await promise;
  } catch (cause) {
    throw listenError(address, cause);
  } finally {
    server.off('error', reject);
  }
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}

function listenError(
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown,
): PushServiceError {
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    ? new PushServiceError(
        'port-in-use',
        `Port ${port} is in use on ${host}: stop what listens there, or choose another port for the push service`,
        { cause },
      )
    : new PushServiceError('cannot-listen', `The push service cannot listen on ${host}, port ${port}`, { cause });
}
