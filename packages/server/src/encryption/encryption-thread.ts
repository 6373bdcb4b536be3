import { parentPort } from 'node:worker_threads';
import { encrypt } from '@belfry/protocol';
import type { EncryptReply, EncryptRequest } from './thread-messages.ts';

parentPort?.on('message', ({ id, jobs }: EncryptRequest) => {
  parentPort?.postMessage(answer(id, jobs));
});

function answer(id: number, jobs: EncryptRequest['jobs']): EncryptReply {
  try {
    return { id, ok: true, bodies: jobs.map((job) => encrypt(job)) };
  } catch (error) {
    return { id, ok: false, error: String(error) };
  }
}
