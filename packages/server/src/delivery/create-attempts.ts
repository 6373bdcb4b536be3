import type { Encryptor, VapidSubject } from '@belfry/protocol';
import type { Clock, Logger } from '../effects.ts';
import { gatherJobs } from '../encryption/gather-jobs.ts';
import { spareCores } from '../encryption/spare-cores.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import { createVapidAuthorizer } from '../vapid/vapid-authorizer.ts';
import type { VapidKeyRing } from '../vapid/vapid-key-ring.ts';
import { configurationFaultLog } from './configuration-fault.ts';
import { createMakeAttempt, type MakeAttempt } from './make-attempt.ts';
import { createOriginGate } from './origin-gate.ts';
import type { Refusals } from './refusals.ts';
import { RetryPace } from './retry-pace.ts';
import { createSizeWarning } from './size-warning.ts';
import type { Withdrawn } from './withdrawn.ts';

export interface AttemptParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keyRing: VapidKeyRing;
  readonly transport: PushTransport;
  readonly encryptor: Encryptor;
  readonly subject: VapidSubject;
  readonly padToBytes: number;
  readonly withdrawn: Withdrawn;
  readonly refusals: Refusals;
}

/** Puts together all that an attempt goes through, from the gate of its push service to the transport. */
export function createAttempts({ encryptor, subject, ...parts }: AttemptParts): MakeAttempt {
  const { clock, logger, transport, refusals } = parts;
  return createMakeAttempt({
    ...parts,
    encrypt: gatherJobs(encryptor, spareCores()),
    authorizer: createVapidAuthorizer({ subject, clock }),
    warnOfSize: createSizeWarning(logger),
    pace: new RetryPace({ clock, isProven: (origin) => transport.isProven(origin) }),
    gate: createOriginGate({
      clock,
      refusals,
      pause: (origin, delayMs) => transport.pause(origin, delayMs),
      ...configurationFaultLog(logger),
    }),
  });
}
