import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { countInterim } from './count-interim.ts';
import type { ProxyAddress } from './proxy-address.ts';

/**
 * A connection through an HTTP proxy (RFC 9110 §9.3.6). The proxy resolves the name; its own address may be private.
 *
 * @param target host and port
 */
export function openTunnel(proxy: ProxyAddress, target: string, signal: AbortSignal): Promise<Duplex> {
  const { host, port, authorization } = proxy;
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const connecting = request({
    host,
    port,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
    agent: false,
    signal,
  });
  connecting.once('connect', ({ statusCode = 0 }, socket, head) => {
    if (statusCode < 200 || statusCode > 299) {
      socket.destroy();
      return reject(new Error(`The proxy answered ${statusCode}`));
    }
    if (head.length > 0) socket.unshift(head);
    resolve(socket);
  });
  connecting.on(
    'information',
    countInterim(() => connecting.destroy(new Error('The proxy sends interim responses without end'))),
  );
  // A proxy that does not know CONNECT may answer it as another request.
  connecting.once('response', (message) => {
    message.destroy();
    reject(new Error(`The proxy answered ${message.statusCode}`));
  });
  connecting.on('error', reject);
  connecting.end();
  return promise;
}
