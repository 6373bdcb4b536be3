import type { Clock } from './clock.ts';
import type { PushServiceLogger } from './logger.ts';
import type { PersonaName } from './personas/persona.ts';

export interface PushServiceOptions {
  /**
   * Folder for subscriptions, undelivered messages, the certificate authority and keys; made if it is not there. Firefox
   * drops its subscriptions when a service has forgotten them. Absent: everything is in memory.
   */
  readonly dataDir?: string;
  /** Loopback address to listen on; default '127.0.0.1'. */
  readonly host?: string;
  /** Port that Firefox connects to; default 8788, 0 for any free one. */
  readonly autopushPort?: number;
  /** Port that application servers send to; default 8789, 0 for any free one. Part of every endpoint, so keep it. */
  readonly endpointPort?: number;
  /** Port that Chromium checks in and registers at, over http; default 8790, or a free one where `autopushPort` is 0. */
  readonly gcmPort?: number;
  /** Port that Chromium keeps its push connection to, over TLS; default 8791, or a free one where `autopushPort` is 0. */
  readonly mcsPort?: number;
  /** Port of its page and its control API, over http; default 8792, or a free one where `autopushPort` is 0. */
  readonly controlPort?: number;
  /** Whose answers its endpoints give, until `setPersona`; default 'rfc8030', nobody's in particular. */
  readonly persona?: PersonaName;
  /** How many of the latest pushes are kept in memory to be looked at; default 1000, 0 for none. */
  readonly keptPushes?: number;
  /** Pushes that a subscription takes in a minute, before it answers 429; default 600 000. */
  readonly maxPushesPerMinute?: number;
  /** Undelivered messages that a subscription keeps, before it answers 429; default 10 000. */
  readonly maxPendingPerSubscription?: number;
  /** For TTLs, VAPID expiry and the rate of pushes; default the system's clock. */
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: PushServiceLogger;
}
