import { type EncryptJob, encryptedLength, type Encryptor } from '@belfry/protocol';

/** Encrypts one message, together with those that are asked for at the same time. */
export type EncryptMessage = (job: EncryptJob) => Promise<Uint8Array>;

interface GatheredJob {
  readonly job: EncryptJob;
  readonly settled: PromiseWithResolvers<Uint8Array>;
}

/**
 * Hands an encryptor in one call what one turn of the event loop asks, and while a call is under way gathers for the next:
 * so calls grow with the load, and natively a job alone costs a third more than one among many.
 */
export function gatherJobs(encryptor: Encryptor): EncryptMessage {
  let gathered: GatheredJob[] = [];
  let isEncrypting = false;

  async function encryptGathered(): Promise<void> {
    for (let batch = gathered; batch.length > 0; batch = gathered) {
      gathered = [];
      await encryptBatch(encryptor, batch);
    }
    isEncrypting = false;
  }

  return async (job) => {
    // Refused here, what is too large takes no other message with it.
    encryptedLength(job);
    const settled = Promise.withResolvers<Uint8Array>();
    gathered.push({ job, settled });
    if (!isEncrypting) {
      isEncrypting = true;
      setImmediate(() => void encryptGathered());
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
