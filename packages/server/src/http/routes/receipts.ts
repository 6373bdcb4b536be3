import type { Store } from '@belfry/store';
import type { Clock } from '../../effects.ts';
import { BelfryError } from '../../errors.ts';
import { MAX_RECEIPTS_BODY_BYTES } from '../../limits.ts';
import { emptyAnswer } from '../answers.ts';
import type { Visit } from '../create-handler.ts';
import { unknownDevice } from '../device-proof.ts';
import type { DeviceRateLimits, ProveDevice } from '../prove-device.ts';
import { readJsonBody } from '../read-json-body.ts';
import { parseReceipts } from '../receipts-body.ts';

export interface ReceiptsRoute {
  readonly store: Store;
  readonly clock: Clock;
  readonly proveDevice: ProveDevice;
  readonly limits: DeviceRateLimits;
}

/** `POST /receipts`: keeps what a worker reports, for whoever has its device's `deviceSecret`. Repeating it is harmless. */
export function receiptsRoute({
  store,
  clock,
  proveDevice,
  limits,
}: ReceiptsRoute): (request: Request, visit: Visit) => Promise<Response> {
  return async (request, visit) => {
    const body = await readJsonBody(request, { maxBytes: MAX_RECEIPTS_BODY_BYTES, clock });
    const proof = await proveDevice(body, { admission: visit, limits });
    if (proof === undefined) throw unknownDevice();
    const now = clock.now();
    const receipts = parseReceipts(body, { now });
    const isKnown = await store.saveReceipts({ ...proof, receipts, now }).catch((cause: unknown) => {
      throw new BelfryError('internal-error', 'The receipts could not be saved; send them again', { cause });
    });
    if (!isKnown) throw unknownDevice();
    return emptyAnswer();
  };
}
