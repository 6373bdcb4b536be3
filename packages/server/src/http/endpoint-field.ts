import type { Endpoint } from '@belfry/protocol';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import type { EndpointPolicy } from '../transport/endpoint-policy.ts';

const schema = v.object({ endpoint: v.pipe(v.string(), v.nonEmpty()) });

/** What is wrong with an endpoint, in words that do not hold it. */
const MESSAGES = {
  'no-endpoint': 'Subscription must have an endpoint',
  'invalid-endpoint': 'The endpoint is not a URL that its push service gives out',
  'endpoint-not-https': 'The endpoint must be an https URL',
  'endpoint-private-address':
    'The endpoint leads to a private address; a local push service needs `developmentPushServices`',
  'endpoint-host-not-allowed': "The endpoint's host is no known push service; `allowedPushHosts` can add it",
} as const;

/**
 * The endpoint of a body.
 *
 * @throws {BelfryError} `no-endpoint`, `invalid-endpoint`, `endpoint-not-https`, `endpoint-private-address`,
 *   `endpoint-host-not-allowed`
 */
export function parseEndpointField(body: unknown, endpoints: EndpointPolicy): Endpoint {
  const field = v.safeParse(schema, body, { abortEarly: true });
  if (!field.success) throw new BelfryError('no-endpoint', MESSAGES['no-endpoint']);
  const endpoint = endpoints.parse(field.output.endpoint);
  if (!endpoint.ok) throw new BelfryError(endpoint.error, MESSAGES[endpoint.error]);
  return endpoint.value;
}
