import type { VapidKeyRing } from '../../vapid/vapid-key-ring.ts';
import { jsonAnswer } from '../answers.ts';

/** `GET /public-key`: the key that new devices subscribe with. */
export function publicKeyRoute(keyRing: VapidKeyRing): () => Promise<Response> {
  // From memory: anybody may ask, as often as an address may.
  return async () => jsonAnswer(200, { publicKey: keyRing.newestKnown() });
}
