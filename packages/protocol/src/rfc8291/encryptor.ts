import { encrypt } from './encrypt.ts';
import type { EncryptJob } from './encrypt-job.ts';

/** Encrypts batches of push messages. Every implementation passes encryptor-contract.ts of @belfry/native. */
export interface Encryptor {
  readonly name: 'typescript' | 'native';
  /**
   * A body for each job, in their order, each with a key pair and a salt of its own. If one job is refused, all are.
   *
   * @throws {ProtocolError} `payload-too-large`, `padding-too-large`
   */
  encrypt(jobs: readonly EncryptJob[]): Promise<readonly Uint8Array[]>;
}

/** On the calling thread, which it keeps busy for about 0.1 ms a job. */
export const typescriptEncryptor: Encryptor = {
  name: 'typescript',
  encrypt: async (jobs) => jobs.map((job) => encrypt(job)),
};
