import type { PushServiceOrigin } from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import { MAX_LIVE_POOLS, MAX_REMEMBERED_ORIGINS } from '../limits.ts';
import { AbortWatch } from './abort-watch.ts';
import type { DevelopmentPushService } from './endpoint-policy.ts';
import { LivePools } from './live-pools.ts';
import { openConnection } from './open-connection.ts';
import { OriginSender } from './origin-sender.ts';
import { pendingSend } from './pending-send.ts';
import type { ProxyAddress } from './proxy-address.ts';
import { createPublicLookup, type LookupAll } from './public-lookup.ts';
import type { PushAnswer, PushTransport } from './push-transport.ts';

export interface TransportOptions {
  /** Where an origin is a development push service, its address and certificate authority are used. */
  development(origin: string): DevelopmentPushService | undefined;
  /** Whether an origin is on the list of push services; default: any with a public address. */
  readonly allows?: ((origin: string) => boolean) | undefined;
  readonly clock: Clock;
  /** Through which connections go, but for those to development push services; DNS is its business then. */
  readonly proxy?: ProxyAddress | undefined;
  /** Default: the system's. */
  readonly lookup?: LookupAll | undefined;
}

/**
 * HTTP/2, or HTTP/1.1 where a push service has no other: connections are opened at the first message, shared by all
 * to the same origin, and closed when idle. What one origin does has no effect on another.
 */
export function createTransport({ development, allows, clock, proxy, lookup }: TransportOptions): PushTransport {
  const route = { development, allows: allows ?? (() => true), proxy, lookup: createPublicLookup(lookup) };
  /** Those that were added first are first. */
  const senders = new Map<PushServiceOrigin, OriginSender>();
  const pools = new LivePools(MAX_LIVE_POOLS);
  const aborts = new AbortWatch();
  let isClosed = false;

  return {
    send(request, signal, { priority = 'user', startBy = Number.POSITIVE_INFINITY } = {}) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (isClosed) return Promise.resolve({ kind: 'no-answer', reason: 'connection' });
      const { promise, resolve, reject } = Promise.withResolvers<PushAnswer>();
      const sender = senderTo(request.origin);
      const stopWatching = aborts.add(signal, () => {
        reject(signal.reason);
        sender.abort(sending);
      });
      const sending = pendingSend({
        request,
        priority,
        startBy,
        settle(answer) {
          stopWatching();
          resolve(answer);
        },
      });
      sender.send(sending);
      return promise;
    },
    pause(origin, delayMs) {
      senderTo(origin).pause(delayMs);
    },
    close() {
      isClosed = true;
      for (const sender of senders.values()) sender.destroy();
    },
  };

  function senderTo(origin: PushServiceOrigin): OriginSender {
    const known = senders.get(origin);
    if (known !== undefined) return known;
    if (senders.size >= MAX_REMEMBERED_ORIGINS) forgetOne();
    const sender = new OriginSender({ clock, pools, open: (options) => openConnection(origin, route, options) });
    senders.set(origin, sender);
    return sender;
  }

  function forgetOne(): void {
    const [forgotten] = [...senders].find(([, { isForgettable }]) => isForgettable) ?? [];
    if (forgotten !== undefined) senders.delete(forgotten);
  }
}
