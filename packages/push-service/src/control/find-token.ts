import { parseResource } from '../endpoint/resource.ts';
import { PushServiceError } from '../errors.ts';
import type { EndpointToken } from '../identifiers.ts';
import type { PushStore } from '../store/push-store.ts';
import type { SubscriptionReference } from './push-service-control.ts';

/** @throws {PushServiceError} `unknown-subscription` */
export function findToken(reference: SubscriptionReference, store: PushStore): EndpointToken {
  const token =
    typeof reference === 'number'
      ? store.subscriptions.tokenOf(reference)
      : tokenOfEndpoint(typeof reference === 'string' ? reference : reference.endpoint);
  if (token !== undefined && store.findChannel(token) !== undefined) return token;
  const what = typeof reference === 'number' ? `subscription ${reference}` : 'subscription with that endpoint';
  throw new PushServiceError(
    'unknown-subscription',
    `This push service has no ${what}: name it by its endpoint, or by its id in subscriptions()`,
  );
}

function tokenOfEndpoint(endpoint: string): EndpointToken | undefined {
  if (!URL.canParse(endpoint)) return undefined;
  const { pathname, search } = new URL(endpoint);
  const resource = parseResource(pathname + search);
  return resource?.type === 'subscription' ? resource.token : undefined;
}
