import { type EncryptJob, encryptedLength, type Encryptor } from '@belfry/protocol';
import type { SendOptions } from '../transport/push-transport.ts';

/**
 * Encrypts one message, together with those that are asked for at the same time; those for a user (default) before broadcasts.
 * Where more wait than one call takes, flows take turns (`SendOptions.flow`).
 */
export type EncryptMessage = (job: EncryptJob, options?: EncryptOptions) => Promise<Uint8Array>;

type EncryptOptions = Pick<SendOptions, 'priority' | 'flow'>;

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

/** In one call no more than a page has, of which each message has a share: nobody waits longer than for two calls. */
const USER_LANE: Lane = { maxJobs: 200, maxCalls: 1 };
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
  return async (job, { priority = 'user', flow = 0 } = {}) => {
    // Refused here, what is too large takes no other message with it.
    encryptedLength(job);
    return await gather[priority](job, flow);
  };
}

function gatherLane(
  encryptor: Encryptor,
  { maxJobs, maxCalls }: Lane,
): (job: EncryptJob, flow: number) => Promise<Uint8Array> {
  /** By flow. */
  const gathered = new Map<number, GatheredJob[]>();
  let calls = 0;
  let isScheduled = false;

  function call(): void {
    isScheduled = false;
    while (calls < maxCalls && gathered.size > 0) {
      calls += 1;
      void encryptBatch(encryptor, takeInTurn(gathered, maxJobs)).finally(() => {
        calls -= 1;
        call();
      });
    }
  }

  return (job, flow) => {
    const settled = Promise.withResolvers<Uint8Array>();
    const ofFlow = gathered.get(flow);
    if (ofFlow === undefined) gathered.set(flow, [{ job, settled }]);
    else ofFlow.push({ job, settled });
    if (calls < maxCalls && !isScheduled) {
      isScheduled = true;
      setImmediate(call);
    }
    return settled.promise;
  };
}

/** Takes at most so many jobs: an equal share of each flow, by turns. */
function takeInTurn(gathered: Map<number, GatheredJob[]>, limit: number): GatheredJob[] {
  const taken: GatheredJob[] = [];
  const share = Math.max(1, Math.floor(limit / gathered.size));
  // A flow that has more left is set behind the others, where this loop comes to it again.
  for (const [flow, jobs] of gathered) {
    taken.push(...jobs.splice(0, Math.min(share, limit - taken.length)));
    gathered.delete(flow);
    if (jobs.length > 0) gathered.set(flow, jobs);
    if (taken.length === limit) break;
  }
  return taken;
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
