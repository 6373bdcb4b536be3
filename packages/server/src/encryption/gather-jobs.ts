import { type EncryptJob, encryptedLength, type Encryptor } from '@belfry/protocol';

/** Encrypts one message, together with those that are asked for at the same time. */
export type EncryptMessage = (job: EncryptJob) => Promise<Uint8Array>;

/**
 * Hands an encryptor what one turn of the event loop asks, in one call: natively a job alone costs a third more, and threads
 * are worth their messages only for many.
 */
export function gatherJobs(encryptor: Encryptor): EncryptMessage {
  let gathered: { readonly job: EncryptJob; readonly settled: PromiseWithResolvers<Uint8Array> }[] = [];

  async function encryptGathered(): Promise<void> {
    const batch = gathered;
    gathered = [];
    try {
      const bodies = await encryptor.encrypt(batch.map(({ job }) => job));
      for (const [index, { settled }] of batch.entries()) {
        const body = bodies[index];
        if (body === undefined) settled.reject(new Error('The encryptor answered fewer bodies than it was given jobs'));
        else settled.resolve(body);
      }
    } catch (error) {
      for (const { settled } of batch) settled.reject(error);
    }
  }

  return async (job) => {
    // Refused here, what is too large takes no other message with it.
    encryptedLength(job);
    const settled = Promise.withResolvers<Uint8Array>();
    if (gathered.length === 0) setImmediate(() => void encryptGathered());
    gathered.push({ job, settled });
    return settled.promise;
  };
}
