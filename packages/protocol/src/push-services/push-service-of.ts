import type { Endpoint, PushServiceOrigin } from '../rfc8030/endpoint.ts';
import { apple } from './apple.ts';
import { fcm } from './fcm.ts';
import { mozilla } from './mozilla.ts';
import { isPushServiceHost } from './push-service-hosts.ts';
import type { PushServiceRules } from './push-service-rules.ts';
import { rfc8030 } from './rfc8030.ts';
import { wns } from './wns.ts';

const KNOWN: readonly PushServiceRules[] = [fcm, mozilla, apple, wns];

/** The rules of the push service that an endpoint, or its origin, belongs to; those of RFC 8030 for any other host. */
export function pushServiceOf(url: Endpoint | PushServiceOrigin): PushServiceRules {
  // With the port: a service at another one is not that service.
  const [host = ''] = url.slice('https://'.length).split('/', 1);
  return KNOWN.find(({ hosts }) => isPushServiceHost(host, hosts)) ?? rfc8030;
}
