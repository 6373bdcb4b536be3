import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { localCertificates } from '../../../packages/push-service/src/certificates/local-certificates.ts';
import { serveCalls } from '../process/serve-calls.ts';

/** Where a sink is, and whom to trust for it. */
export interface SinkAddress {
  /** Such as 'https://localhost:1234'. */
  readonly origin: string;
  readonly address: { readonly host: string; readonly port: number };
  /** PEM. */
  readonly certificateAuthority: string;
}

/** What the process of the sink does. */
export type SinkFunctions = ReturnType<typeof sinkFunctions>;

/** A push service that takes everything, over HTTP/2 and HTTP/1.1, and delivers nothing. */
function sinkFunctions(): {
  /** @param latencyMs how long it takes to answer */
  start(options: { readonly latencyMs: number }): Promise<SinkAddress>;
  /** How many it has answered since it was asked last. */
  taken(): number;
} {
  let taken = 0;
  return {
    async start({ latencyMs }) {
      const { authority, leaf } = await localCertificates({ dataDir: undefined, now: Date.now() });
      const server = createSecureServer({ allowHTTP1: true, cert: leaf.certificate, key: leaf.privateKey });
      const answer = (response: Http2ServerResponse): void => {
        taken += 1;
        response.writeHead(201, { location: '/m/1', ttl: '60', 'content-length': '0' });
        response.end();
      };
      server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
        request.resume();
        if (latencyMs === 0) request.once('end', () => answer(response));
        else setTimeout(() => answer(response), latencyMs);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      return {
        origin: `https://localhost:${port}`,
        address: { host: '127.0.0.1', port },
        certificateAuthority: authority.certificate,
      };
    },
    taken() {
      const count = taken;
      taken = 0;
      return count;
    },
  };
}

serveCalls(sinkFunctions());
