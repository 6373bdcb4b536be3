import type { PushServiceOrigin } from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import { MAX_LIVE_POOLS, MAX_REMEMBERED_ORIGINS, MAX_UNPROVEN_LOOKUPS, MAX_UNPROVEN_POOLS } from '../limits.ts';
import { AbortWatch } from './abort-watch.ts';
import type { DevelopmentPushService } from './endpoint-policy.ts';
import { limitLookups } from './limit-lookups.ts';
import { LivePools } from './live-pools.ts';
import { NO_ANSWER } from './no-answer-to.ts';
import { openConnection } from './open-connection.ts';
import { OriginSender } from './origin-sender.ts';
import { pendingSend } from './pending-send.ts';
import type { ProxyAddress } from './proxy-address.ts';
import { createPublicLookup, type LookupAll } from './public-lookup.ts';
import type { PushAnswer, PushTransport } from './push-transport.ts';
import { secureContexts } from './secure-contexts.ts';
import { UnprovenAdmission } from './unproven-admission.ts';

export interface TransportOptions {
  /** Where an origin is a development push service, its address and certificate authority are used. */
  development(origin: string): DevelopmentPushService | undefined;
  /** Whether an origin is on the list of push services; default: any with a public address. */
  readonly allows?: ((origin: string) => boolean) | undefined;
  /** Origins that count as proven from the start, and always; default: all do. */
  readonly knownOrigins?: readonly PushServiceOrigin[] | undefined;
  readonly clock: Clock;
  /** Between 0 and 1. */
  random(): number;
  /** Through which connections go, but for those to development push services; DNS is its business then. */
  readonly proxy?: ProxyAddress | undefined;
  /** Default: the system's. */
  readonly lookup?: LookupAll | undefined;
}

const NEVER = Number.POSITIVE_INFINITY;

/**
 * HTTP/2, or HTTP/1.1 where a push service has no other: connections are opened at the first message, shared by all
 * to the same origin, and closed when idle. What one origin does has no effect on another. Origins that have not answered
 * lately share a part of the places, so that hundreds of them have no effect on those that have.
 */
export function createTransport(options: TransportOptions): PushTransport {
  const { development, allows = () => true, knownOrigins, clock, random, proxy } = options;
  const lookup = createPublicLookup(options.lookup);
  const route = {
    development,
    allows,
    proxy,
    lookup: { proven: lookup, unproven: limitLookups(lookup, { atOnce: MAX_UNPROVEN_LOOKUPS }) },
    secureContext: secureContexts(),
  };
  const knownSet = knownOrigins && new Set(knownOrigins);
  const isKnown = (origin: PushServiceOrigin): boolean => knownSet === undefined || knownSet.has(origin);
  /** Those that were added first are first. */
  const senders = new Map<PushServiceOrigin, OriginSender>();
  const admission = new UnprovenAdmission({ clock, random });
  const pools = new LivePools({
    limit: MAX_LIVE_POOLS,
    unproven: MAX_UNPROVEN_POOLS,
    mayAdmit: () => admission.admit(),
  });
  const aborts = new AbortWatch();
  let isClosed = false;

  return {
    send(request, signal, sendOptions = {}) {
      const { priority = 'user', flow = 0, userId, hasAccepted = false, isWithdrawn } = sendOptions;
      const { startBy = NEVER, endsAt = NEVER } = sendOptions;
      if (signal.aborted) return Promise.reject(signal.reason);
      if (isClosed) return Promise.resolve(NO_ANSWER);
      const { promise, resolve, reject } = Promise.withResolvers<PushAnswer>();
      const sender = senderTo(request.origin, hasAccepted);
      const stopWatching = aborts.add(signal, () => {
        reject(signal.reason);
        sender.abort(sending);
      });
      const sending = pendingSend({
        request,
        priority,
        flow,
        userId,
        hasAccepted,
        startBy,
        endsAt,
        isWithdrawn,
        settle(answer) {
          stopWatching();
          resolve(answer);
        },
        fail(error) {
          stopWatching();
          reject(error);
        },
      });
      sender.send(sending);
      return promise;
    },
    refusal: (origin, { hasAccepted } = {}) => senderTo(origin, hasAccepted).refusal(),
    isConnected: (origin) => senders.get(origin)?.isConnected ?? false,
    isProven: (origin) => senders.get(origin)?.isProven ?? isKnown(origin),
    provenOrigins() {
      const proven = [...senders].filter(([, sender]) => sender.isProven).map(([origin]) => origin);
      return [...new Set([...(knownOrigins ?? []), ...proven])];
    },
    pause(origin, delayMs) {
      senderTo(origin).pause(delayMs);
    },
    close() {
      isClosed = true;
      for (const sender of senders.values()) sender.destroy();
    },
  };

  function senderTo(origin: PushServiceOrigin, hasAccepted = false): OriginSender {
    const sender = senders.get(origin) ?? addSender(origin);
    if (hasAccepted) sender.health.noteAccepted();
    return sender;
  }

  function addSender(origin: PushServiceOrigin): OriginSender {
    if (senders.size >= MAX_REMEMBERED_ORIGINS) forgetOne();
    const sender = new OriginSender({
      clock,
      random,
      pools,
      isKnown: isKnown(origin),
      retryAfterMs: () => admission.retryAfterMs(),
      open: (attempt) => openConnection(origin, route, attempt),
    });
    senders.set(origin, sender);
    return sender;
  }

  /** A proven one only where there is no other: an attacker's names must not make the server forget who answers, or once did. */
  function forgetOne(): void {
    const forgettable = [...senders].filter(([, sender]) => sender.isForgettable);
    const forgotten =
      forgettable.find(([, sender]) => !sender.isProven && !sender.health.hasAccepted) ??
      forgettable.find(([, sender]) => !sender.isProven) ??
      forgettable[0];
    if (forgotten !== undefined) senders.delete(forgotten[0]);
  }
}
