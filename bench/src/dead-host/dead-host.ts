import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { startPushService } from '@belfry/push-service';

/** As an application server is told of it (`developmentPushServices`). */
export interface ServiceAddress {
  readonly endpointOrigins: readonly string[];
  readonly address: { readonly host: string; readonly port: number };
  readonly certificateAuthority: string;
}

/**
 * How a host is dead:
 * - `no-answer`: it takes connections and requests, and answers none
 * - `silent`: it takes connections, and does not even begin TLS
 * - `never-accepts`: it takes no connection; what asks for one hears nothing
 */
export const DEATHS = ['no-answer', 'silent', 'never-accepts'] as const;
export type Death = (typeof DEATHS)[number];

/** Whose names are those of many dead hosts: the server takes them for a pattern's, and knows nothing of them. */
export const DEAD_DOMAIN = 'dead.example';

/**
 * Starts one, which ends with its process.
 *
 * @param certificateAuthority PEM, of any: without one Node parses all of the system's at the first connection, which halts
 *   the process for 50 ms, dead host or not
 */
export async function startDeadHost(death: Death, certificateAuthority: string): Promise<ServiceAddress> {
  switch (death) {
    case 'no-answer': {
      const service = await startPushService({ autopushPort: 0, endpointPort: 0, keptPushes: 0 });
      service.addFault({ type: 'no-answer' }, { times: Number.POSITIVE_INFINITY });
      const { endpointOrigin, address } = service;
      return { endpointOrigins: [endpointOrigin], address, certificateAuthority: service.certificateAuthority };
    }
    case 'silent': {
      const server = createServer((socket) => socket.on('error', () => {}).resume());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new TypeError('it listens on a port');
      return deadAt(address.port, certificateAuthority);
    }
    case 'never-accepts': {
      const [port]: number[] = await once(new Worker(new URL('./never-accepting.ts', import.meta.url)), 'message');
      if (port === undefined) throw new TypeError('it listens on a port');
      fillBacklog(port);
      return deadAt(port, certificateAuthority);
    }
  }
}

function deadAt(port: number, certificateAuthority: string): ServiceAddress {
  return {
    endpointOrigins: [`https://localhost:${port}`],
    address: { host: '127.0.0.1', port },
    certificateAuthority,
  };
}

/** The system itself connects as many as the backlog has room for; whoever comes then waits. */
function fillBacklog(port: number): void {
  for (let n = 0; n < 8; n += 1) connect(port, '127.0.0.1').on('error', () => {});
}
