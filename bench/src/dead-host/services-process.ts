import { type ScriptedSubscriptionJson, startPushService } from '@belfry/push-service';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { type Death, type ServiceAddress, startDeadHost } from './dead-host.ts';

/** What the process of the push services does. */
export type ServicesFunctions = ReturnType<typeof servicesFunctions>;

function servicesFunctions(): {
  start(death: Death): Promise<{ readonly healthy: ServiceAddress; readonly dead: ServiceAddress }>;
  /** New subscriptions at the healthy service; what arrives is counted anew, by their index. */
  subscribe(count: number): Promise<readonly ScriptedSubscriptionJson[]>;
  /** When the first push of each arrived, on the machine's monotonic clock; 0 where none did. */
  arrivals(): Float64Array;
} {
  const starting = startPushService({ autopushPort: 0, endpointPort: 0, keptPushes: 1 });
  let arrivals = new Float64Array();
  let firstId = 0;
  return {
    async start(death) {
      const { endpointOrigin, address, certificateAuthority, onPush } = await starting;
      onPush(({ subscription = 0 }) => {
        const index = subscription - firstId;
        if (arrivals[index] === 0) arrivals[index] = monotonicMs();
      });
      const healthy = { endpointOrigins: [endpointOrigin], address, certificateAuthority };
      return { healthy, dead: await startDeadHost(death, certificateAuthority) };
    },
    async subscribe(count) {
      const service = await starting;
      const subscriptions = Array.from({ length: count }, () => service.createSubscription());
      firstId = subscriptions[0]?.id ?? 0;
      arrivals = new Float64Array(count);
      return subscriptions;
    },
    arrivals: () => arrivals,
  };
}

serveCalls(servicesFunctions());
