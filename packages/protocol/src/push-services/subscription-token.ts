import { type Endpoint, endpointPath } from '../rfc8030/endpoint.ts';
import { pushServiceOf } from './push-service-of.ts';

/**
 * What an endpoint names its subscription by, of endpoints at one push service. FCM serves a subscription at three paths, and
 * WNS one with `%2b` and `%2B` alike. Of an unknown service, it is the endpoint.
 */
export function subscriptionToken(endpoint: Endpoint): string {
  const token = pushServiceOf(endpoint).endpointPath?.exec(endpointPath(endpoint))?.groups?.['token'];
  return token === undefined ? endpoint : decodeURIComponent(token);
}
