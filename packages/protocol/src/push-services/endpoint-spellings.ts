import { branded } from '../brand.ts';
import { type Endpoint, endpointOrigin, endpointPath } from '../rfc8030/endpoint.ts';
import { pushServiceOf } from './push-service-of.ts';

/**
 * All endpoints of one subscription, the given one among them: FCM serves a subscription at three paths of two hosts, and WNS reads
 * `%2b` and `%2B` alike. The list is the same, in the same order, for each of them. Of an unknown service, it is the endpoint alone.
 */
export function endpointSpellings(endpoint: Endpoint): readonly Endpoint[] {
  const service = pushServiceOf(endpoint);
  const token = service.endpointPath?.exec(endpointPath(endpoint))?.groups?.['token'];
  if (token === undefined || service.spellings === undefined) return [endpoint];
  const spellings = service.spellings({ origin: endpointOrigin(endpoint), token });
  return [...new Set(spellings)].map((spelling) => branded(spelling));
}
