// Names that a pattern allows lead to public addresses only; no package exports what leads them to this machine.
import { systemClock } from '../../../packages/server/src/effects.ts';
import { createTransport } from '../../../packages/server/src/transport/create-transport.ts';
import type { PushTransport } from '@belfry/server';
import { branded } from '@belfry/protocol';
import type { ServiceAddress } from './dead-host.ts';

/** The server's own, for which the known push services are at their addresses, and all others at that of the dead one, unproven. */
export function transportToDeadOrigins({
  known,
  dead,
}: {
  readonly known: readonly ServiceAddress[];
  readonly dead: ServiceAddress;
}): PushTransport {
  const addresses = new Map(known.flatMap((service) => service.endpointOrigins.map((origin) => [origin, service])));
  return createTransport({
    clock: systemClock,
    random: Math.random,
    knownOrigins: [...addresses.keys()].map((origin) => branded(origin)),
    development: (origin) => addresses.get(origin) ?? dead,
  });
}
