import { type Encryptor, MAX_PLAINTEXT_BYTES, parseSubject, type VapidSubject } from '@belfry/protocol';
import type { DeviceLimits, OpenStore } from '@belfry/store';
import type { Clock, Logger, RandomBytes } from './effects.ts';
import { BelfryError } from './errors.ts';
import { type CheckApiKey, createApiKeyCheck } from './http/api-keys.ts';
import type { Identification } from './http/identify.ts';
import type { AuthorizeTopic } from './http/routes/topics.ts';
import { MAX_GONE_DEVICES_PER_USER, MAX_PUSH_SERVICES_PER_USER } from './limits.ts';
import { checkDefaultNotification } from './message/check-default-notification.ts';
import type { DefaultNotification } from './message/message.ts';
import { createEndpointPolicy, type DevelopmentPushService, type EndpointPolicy } from './transport/endpoint-policy.ts';
import { type ProxyAddress, parseProxy } from './transport/proxy-address.ts';
import type { PushTransport } from './transport/push-transport.ts';
import type { VapidKeysOption } from './vapid/vapid-key-ring.ts';

export interface BelfryOptions<IdentityRequest = Request> {
  /** Where everything is kept: `sqlite('belfry.db')`. `close()` closes it. */
  readonly store: OpenStore;
  /** Where push services reach the operator: `mailto:ops@example.com`, or an https page (RFC 8292 §2.1). */
  readonly subject: string;
  /** The pages it serves, scheme, host and port: urls in messages resolve against and are limited to them. */
  readonly origins: readonly string[];
  /** Who sent a request: a user id, `{ userId, sessionId }`, or null for nobody. */
  authenticate(request: Request | IdentityRequest): Identification | Promise<Identification>;
  /** Whether a user may join a topic from a browser; default: no user joins any. */
  readonly authorizeTopic?: AuthorizeTopic | undefined;
  /**
   * Shown on Apple's devices for a message without a notification, as they stop taking pushes of who shows nothing. Default: the
   * first origin's host as the title.
   */
  readonly defaultNotification?: DefaultNotification | undefined;
  /** Of devices that did not say where they are, for messages at a local time. IANA name; default `UTC`. */
  readonly fallbackTimeZone?: string | undefined;
  /** How long the ledger of a message is kept once it is over; default 30 days. */
  readonly keepMessagesDays?: number | undefined;
  /**
   * Live devices of one user; default 50. Of a user who subscribes more, those that never took a message and were longest
   * without a sign of life are removed.
   */
  readonly maxDevicesPerUser?: number | undefined;
  /** VAPID keys, the newest first; else VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY, else the store's own. */
  readonly vapid?: readonly VapidKeysOption[] | undefined;
  /** Keys for `POST /send`, of 16 characters or more; undefined ones are left out, so an unset variable opens nothing. */
  readonly apiKeys?: readonly (string | undefined)[] | undefined;
  /** Path of the routes; default `/api/push`. */
  readonly prefix?: string | undefined;
  /** Push services beyond the known ones: host names or `*.` patterns, with a port where it is not 443. */
  readonly allowedPushHosts?: readonly string[] | undefined;
  /**
   * Every message is padded to so many bytes, at most 3993, and a longer one to 3993, so that its length tells the push
   * service nothing. Default 0: no padding. 2820 is the most that Firefox on Android gets.
   */
  readonly padToBytes?: number | undefined;
  /**
   * An HTTP proxy between here and the push services: `http://user:password@proxy.example:3128`. It resolves their names,
   * so that it must itself keep connections out of private networks (its CONNECT rules).
   */
  readonly proxy?: string | undefined;
  /** Local push services to trust, for development and tests. Never in production: a warning at start says so. */
  readonly developmentPushServices?: readonly DevelopmentPushService[] | undefined;
  /** Default: warnings and errors on stderr. */
  readonly logger?: Logger | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Default: the system's. */
  readonly randomBytes?: RandomBytes | undefined;
  /** Default: HTTP/2 or HTTP/1.1 over TLS, as the push service chooses. */
  readonly transport?: PushTransport | undefined;
  /**
   * Default: @belfry/native's, where that is installed and was built (`BELFRY_NATIVE=off` leaves it out), else TypeScript's,
   * off the main thread as soon as there is more than a trickle.
   */
  readonly encryptor?: (Encryptor & { close?(): Promise<void> }) | undefined;
  /**
   * For tests of processes that stop: how long one has what it sends to itself; default 2 minutes, of which the last 35 s are
   * for requests that have begun.
   *
   * @internal
   */
  readonly leaseMs?: number | undefined;
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The options that can be wrong, after the check. */
export interface CheckedOptions {
  readonly subject: VapidSubject;
  readonly origins: readonly [string, ...string[]];
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly checkApiKey: CheckApiKey;
  readonly padToBytes: number;
  readonly endpoints: EndpointPolicy;
  readonly proxy: ProxyAddress | undefined;
  readonly fallbackTimeZone: string;
  readonly keepMessagesMs: number;
  readonly deviceLimits: DeviceLimits;
  readonly defaultNotification: DefaultNotification;
}

/** @throws {BelfryError} `invalid-configuration`, naming the option */
export function checkOptions(options: Omit<BelfryOptions, 'authenticate'>): CheckedOptions {
  const subject = parseSubject(options.subject);
  if (!subject.ok) {
    throw misconfigured(
      'subject must be a mailto: address or an https: URL, not on localhost, .local or .invalid: Apple refuses others',
    );
  }
  const [first, ...others] = options.origins.map(checkedOrigin);
  if (first === undefined) throw misconfigured('origins must hold the origin of your pages');
  const { prefix = '/api/push', padToBytes = 0, fallbackTimeZone = 'UTC', keepMessagesDays = 30 } = options;
  const { maxDevicesPerUser = 50 } = options;
  if (!isTimeZone(fallbackTimeZone)) throw misconfigured('fallbackTimeZone must be an IANA name such as Europe/Rome');
  if (!(keepMessagesDays > 0)) throw misconfigured('keepMessagesDays must be a number above 0');
  if (!Number.isInteger(maxDevicesPerUser) || maxDevicesPerUser < 1) {
    throw misconfigured('maxDevicesPerUser must be a whole number from 1 on');
  }
  if (!/^(\/[\w.~-]+)*\/?$/.test(prefix)) throw misconfigured('prefix must be a path such as /api/push');
  if (!Number.isInteger(padToBytes) || padToBytes < 0 || padToBytes > MAX_PLAINTEXT_BYTES) {
    throw misconfigured(`padToBytes must be a whole number from 0 to ${MAX_PLAINTEXT_BYTES}`);
  }
  const origins = [first, ...others] as const;
  return {
    subject: subject.value,
    origins,
    defaultNotification: checkDefaultNotification(options.defaultNotification, origins),
    prefix: prefix.replace(/\/$/, ''),
    checkApiKey: createApiKeyCheck((options.apiKeys ?? []).filter((key): key is string => Boolean(key))),
    padToBytes,
    fallbackTimeZone,
    keepMessagesMs: keepMessagesDays * DAY_MS,
    deviceLimits: {
      maxDevices: maxDevicesPerUser,
      maxPushServices: MAX_PUSH_SERVICES_PER_USER,
      maxGoneDevices: MAX_GONE_DEVICES_PER_USER,
    },
    endpoints: createEndpointPolicy(options),
    proxy: options.proxy === undefined ? undefined : checkedProxy(options.proxy),
  };
}

const DAY_MS = 24 * 3_600_000;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Its text is left out of the message: it may hold a password. */
function checkedProxy(text: string): ProxyAddress {
  const proxy = parseProxy(text);
  if (proxy === undefined)
    throw misconfigured('proxy must be http://host:port, with user:password@ where it needs that');
  return proxy;
}

function checkedOrigin(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw misconfigured('origins must be scheme, host and port, such as https://app.example.com');
  }
  return url.origin;
}

function misconfigured(message: string): BelfryError {
  return new BelfryError('invalid-configuration', message);
}
