import {
  branded,
  type Endpoint,
  endpointPath,
  isPushServiceHost,
  type Parsed,
  PUSH_SERVICE_HOSTS,
  type PushServiceOrigin,
  parseEndpoint,
  pushServiceOf,
} from '@belfry/protocol';
import { BelfryError, type BelfryErrorId } from '../errors.ts';
import { isPrivateHost } from './private-address.ts';

/**
 * A push service of the developer's own: what its endpoints' origin is, where it really listens, and which certificate
 * authority to trust there. `@belfry/push-service` gives one.
 */
export interface DevelopmentPushService {
  /** Exact origins of its endpoints: scheme, host, port. Chromium's is fixed in the browser, so there may be several. */
  readonly endpointOrigins: readonly string[];
  /** A local address; connections go there and nowhere else. */
  readonly address: { readonly host: string; readonly port: number };
  /** PEM. */
  readonly certificateAuthority: string;
}

type EndpointErrorId = Extract<
  BelfryErrorId,
  'invalid-endpoint' | 'endpoint-not-https' | 'endpoint-private-address' | 'endpoint-host-not-allowed'
>;

/** Which endpoints a server takes from strangers: it will POST to them, so they must not lead inside (SSRF). */
export interface EndpointPolicy {
  parse(endpoint: string): Parsed<Endpoint, EndpointErrorId>;
  /** Whether endpoints of an origin are still taken: one that was saved may not be by today's options. */
  allows(origin: string): boolean;
  /** The development push service of an origin, if it is one's. */
  development(origin: string): DevelopmentPushService | undefined;
  /**
   * The push services that are known by their exact names. Of those that only match a `*.` pattern there may be any number of
   * made-up ones, which have to answer before they are trusted with places.
   */
  readonly knownOrigins: readonly PushServiceOrigin[];
}

export interface EndpointPolicyOptions {
  /** Hosts beyond the known push services: names or `*.` patterns, with a port where it is not 443. */
  readonly allowedPushHosts?: readonly string[] | undefined;
  readonly developmentPushServices?: readonly DevelopmentPushService[] | undefined;
}

export function createEndpointPolicy(options: EndpointPolicyOptions): EndpointPolicy {
  const addedHosts = options.allowedPushHosts ?? [];
  const hosts = [...PUSH_SERVICE_HOSTS, ...addedHosts];
  const services = new Map(
    (options.developmentPushServices ?? []).flatMap((service) => originsOf(service).map((origin) => [origin, service])),
  );
  const isAllowed = ({ host }: URL): boolean => isPushServiceHost(host, hosts);
  return {
    parse(text) {
      const endpoint = parseEndpoint(text);
      if (!endpoint.ok) return endpoint;
      const url = new URL(endpoint.value);
      if (services.has(url.origin)) return endpoint;
      if (isPrivateHost(url.hostname)) return { ok: false, error: 'endpoint-private-address' };
      if (!isAllowed(url)) return { ok: false, error: 'endpoint-host-not-allowed' };
      // A host that the operator has added may give out endpoints of any form.
      if (isPushServiceHost(url.host, addedHosts)) return endpoint;
      // A path that the service never gives out has an answer of its web server, which speaks for no subscription.
      const isGivenOut = pushServiceOf(endpoint.value).endpointPath?.test(endpointPath(endpoint.value)) ?? true;
      return isGivenOut ? endpoint : { ok: false, error: 'invalid-endpoint' };
    },
    allows: (origin) => services.has(origin) || isAllowed(new URL(origin)),
    development: (origin) => services.get(origin),
    knownOrigins: [...services.keys(), ...exactOrigins(hosts)].map((origin) => branded(origin)),
  };
}

function exactOrigins(hosts: readonly string[]): string[] {
  const exact = hosts.filter((host) => !host.startsWith('*.'));
  return exact.flatMap((host) => URL.parse(`https://${host}`)?.origin ?? []);
}

function originsOf({ endpointOrigins, address }: DevelopmentPushService): string[] {
  const urls = endpointOrigins.map((origin) => URL.parse(origin));
  if (urls.length === 0 || urls.some((url) => url?.protocol !== 'https:') || !isPrivateHost(address.host)) {
    throw new BelfryError(
      'invalid-configuration',
      'A development push service needs https `endpointOrigins` and a local `address`',
    );
  }
  return urls.flatMap((url) => url?.origin ?? []);
}
