import { type EncryptJob, encryptedLength, type Encryptor } from '@belfry/protocol';
import type { PushPriority } from '../transport/push-transport.ts';

/** Encrypts one message, together with those that are asked for at the same time; those for a user (default) before broadcasts. */
export type EncryptMessage = (job: EncryptJob, priority?: PushPriority) => Promise<Uint8Array>;

interface GatheredJob {
  readonly job: EncryptJob;
  readonly settled: PromiseWithResolvers<Uint8Array>;
}

/** How much of what waits an encryptor is given. */
interface Lane {
  /** Of one call. */
  readonly maxJobs: number;
  /** At the same time. */
  readonly maxCalls: number;
}

/** In one call whatever there is: nobody waits longer than for the call that is under way. */
const USER_LANE: Lane = { maxJobs: Number.POSITIVE_INFINITY, maxCalls: 1 };
/** The results of a call come back together: 16 are half a millisecond of the event loop. A call is one thread's work. */
const broadcastLane = (threads: number): Lane => ({ maxJobs: 16, maxCalls: threads });

/**
 * Hands an encryptor in one call what one turn of the event loop asks, and while a call is under way gathers for the next:
 * so calls grow with the load, and natively a job alone costs a third more than one among many. What is for users goes by
 * itself, and so never behind a broadcast.
 *
 * @param threads how many calls of a broadcast may be under way
 */
export function gatherJobs(encryptor: Encryptor, threads: number): EncryptMessage {
  const gather = { user: gatherLane(encryptor, USER_LANE), broadcast: gatherLane(encryptor, broadcastLane(threads)) };
  return async (job, priority = 'user') => {
    // Refused here, what is too large takes no other message with it.
    encryptedLength(job);
    return await gather[priority](job);
  };
}

function gatherLane(encryptor: Encryptor, { maxJobs, maxCalls }: Lane): (job: EncryptJob) => Promise<Uint8Array> {
  const gathered: GatheredJob[] = [];
  let calls = 0;
  let isScheduled = false;

  function call(): void {
    isScheduled = false;
    while (calls < maxCalls && gathered.length > 0) {
      calls += 1;
      void encryptBatch(encryptor, gathered.splice(0, maxJobs)).finally(() => {
        calls -= 1;
        call();
      });
    }
  }

  return (job) => {
    const settled = Promise.withResolvers<Uint8Array>();
    gathered.push({ job, settled });
    if (calls < maxCalls && !isScheduled) {
      isScheduled = true;
      setImmediate(call);
    }
    return settled.promise;
  };
}

/** Settles all of a batch, each by itself where they fail together: one bad key is not to stop the rest. Never rejects. */
async function encryptBatch(encryptor: Encryptor, batch: readonly GatheredJob[]): Promise<void> {
  try {
    const bodies = await encryptor.encrypt(batch.map(({ job }) => job));
    for (const [index, { settled }] of batch.entries()) {
      const body = bodies[index];
      if (body === undefined) settled.reject(new Error('The encryptor answered fewer bodies than it was given jobs'));
      else settled.resolve(body);
    }
  } catch (error) {
    const [first, ...others] = batch;
    if (others.length === 0) first?.settled.reject(error);
    else await Promise.all(batch.map((one) => encryptBatch(encryptor, [one])));
  }
}
