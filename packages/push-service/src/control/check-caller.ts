import type { IncomingMessage } from 'node:http';
import { ControlError } from './control-error.ts';

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Lets nobody act but this machine's programs and the service's own page. Any web page can reach a port of localhost:
 * with a name of its own that it has rebound to 127.0.0.1 (its Host tells), or by plain requests (their Origin or
 * Sec-Fetch-Site tells, which no page can change). Reading across origins the browser prevents, for want of CORS headers.
 *
 * @throws {ControlError} `forbidden`
 */
export function checkCaller({ method, headers, socket }: IncomingMessage): void {
  const host = headers.host?.toLowerCase() ?? '';
  const [, name = '', port = '80'] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  if (!LOOPBACK_NAME.test(name) || Number(port) !== socket.localPort) {
    throw new ControlError('forbidden', 'Host must be localhost, 127.0.0.1 or [::1], with the port of this service');
  }
  if (method === 'GET') return;
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    throw new ControlError('forbidden', 'Other origins may not use this service');
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ControlError('forbidden', 'Other sites may not use this service');
  }
}
