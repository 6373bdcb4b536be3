import { createServer } from 'node:http';
import { isIPv6 } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { KeyedCertificate } from './certificates/issue-certificate.ts';
import { spkiHash } from './certificates/spki-hash.ts';
import type { ChromiumEndpoints } from './chromium-endpoints.ts';
import { CHECKIN_PATH, type GcmHttpOptions, REGISTRATION_PATH, serveGcmHttp } from './gcm-http/gcm-http-server.ts';
import { listen } from './listen.ts';
import { type McsOptions, serveMcs } from './mcs/mcs-server.ts';

export interface ChromiumServersOptions extends GcmHttpOptions, McsOptions {
  readonly host: string;
  /** 0 for any free one, both. */
  readonly gcmPort: number;
  readonly mcsPort: number;
  readonly leaf: KeyedCertificate;
  /** Given what closes a server as soon as that listens, so that a start that fails halfway can be undone. */
  readonly onListening: (close: () => Promise<void>) => void;
}

/**
 * Starts the two servers that Chromium talks to.
 *
 * @throws {PushServiceError} `port-in-use`, `cannot-listen`
 */
export async function startChromiumServers(options: ChromiumServersOptions): Promise<ChromiumEndpoints> {
  const { host, leaf, onListening } = options;
  const gcmServer = createServer();
  const gcmPort = await listen(gcmServer, { host, port: options.gcmPort });
  onListening(serveGcmHttp(gcmServer, options).close);

  // noDelay: a push is one small frame, and would wait for the acknowledgement of the one before.
  const mcsServer = createTlsServer({ cert: leaf.certificate, key: leaf.privateKey, noDelay: true });
  const mcsPort = await listen(mcsServer, { host, port: options.mcsPort });
  onListening(serveMcs(mcsServer, options).close);

  const urlHost = isIPv6(host) ? `[${host}]` : host;
  return {
    checkinUrl: `http://${urlHost}:${gcmPort}${CHECKIN_PATH}`,
    registrationUrl: `http://${urlHost}:${gcmPort}${REGISTRATION_PATH}`,
    mcsEndpoint: `https://${urlHost}:${mcsPort}`,
    certificateSpkiHash: spkiHash(leaf.certificate),
  };
}
