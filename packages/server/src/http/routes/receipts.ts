import { encodeBase64Url } from '@belfry/protocol';
import type { Store } from '@belfry/store';
import type { Clock } from '../../effects.ts';
import { MAX_RECEIPTS_BODY_BYTES } from '../../limits.ts';
import { emptyAnswer } from '../answers.ts';
import { parseDeviceProof, unknownDevice } from '../device-proof.ts';
import type { RateLimit } from '../rate-limit.ts';
import { readJsonBody } from '../read-json-body.ts';
import { parseReceipts } from '../receipts-body.ts';

export interface ReceiptsRoute {
  readonly store: Store;
  readonly clock: Clock;
  readonly limit: RateLimit;
}

/** `POST /receipts`: keeps what a worker reports, for whoever has its device's `deviceSecret`. Repeating it is harmless. */
export function receiptsRoute({ store, clock, limit }: ReceiptsRoute): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = await readJsonBody(request, MAX_RECEIPTS_BODY_BYTES);
    const proof = parseDeviceProof(body);
    limit(encodeBase64Url(proof.secretHash));
    const now = clock.now();
    const isKnown = await store.saveReceipts({ ...proof, receipts: parseReceipts(body, { now }), now });
    if (!isKnown) throw unknownDevice();
    return emptyAnswer();
  };
}
