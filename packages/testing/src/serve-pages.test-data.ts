import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ChromiumPushEndpoints } from './chromium/push-switches.ts';

/** For this package's tests: serves fixed pages, by path, on a free loopback port. Unknown paths are 404. */
export async function servePages(
  pages: Readonly<Record<string, string>>,
): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const body = pages[pathname];
    const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port');
  return {
    origin: `http://localhost:${address.port}`,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/** A push service that nothing listens at. */
export const noPushService: { readonly autopushUrl: string; readonly chromium: ChromiumPushEndpoints } = {
  autopushUrl: 'ws://127.0.0.1:9/',
  chromium: {
    checkinUrl: 'http://127.0.0.1:9/checkin',
    registrationUrl: 'http://127.0.0.1:9/register3',
    mcsEndpoint: 'https://127.0.0.1:9',
    certificateSpkiHash: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  },
};

/** Width and height from a PNG's IHDR chunk (PNG specification, section 11.2.1). */
export function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const png = Buffer.from(bytes);
  if (png.toString('latin1', 1, 4) !== 'PNG') throw new Error('Not a PNG');
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
