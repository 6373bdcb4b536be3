import { writeFile } from 'node:fs/promises';
import { type Profiler, Session } from 'node:inspector/promises';
import { setTimeout } from 'node:timers/promises';
import { type PushService, startPushService } from '@belfry/push-service';
import { type ResourceUsage, resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';

/** Where the push service is. Of what it has besides, not everything could be cloned. */
export type ServiceAddress = Pick<
  PushService,
  'autopushUrl' | 'chromium' | 'endpointOrigin' | 'address' | 'certificateAuthority'
>;

/** What the process of the push service does. */
export type ServiceFunctions = ReturnType<typeof serviceFunctions>;

function serviceFunctions(): {
  start(options: { readonly dataDir?: string }): Promise<ServiceAddress>;
  usage(): ResourceUsage;
  /** After a pause and a collection of garbage, and the same pause for what the allocator frees late. */
  settledRssBytes(settleMs: number): Promise<number>;
  startCpuProfile(): Promise<void>;
  writeCpuProfile(path: string): Promise<void>;
} {
  const inspector = new Session();
  return {
    async start(options) {
      const service = await startPushService({ ...options, autopushPort: 0, endpointPort: 0 });
      const { autopushUrl, chromium, endpointOrigin, address, certificateAuthority } = service;
      return { autopushUrl, chromium, endpointOrigin, address, certificateAuthority };
    },
    usage: resourceUsage,
    async settledRssBytes(settleMs) {
      await setTimeout(settleMs);
      await globalThis.gc?.({ execution: 'async' });
      await setTimeout(settleMs);
      return process.memoryUsage.rss();
    },
    async startCpuProfile() {
      inspector.connect();
      await inspector.post('Profiler.enable');
      await inspector.post('Profiler.start');
    },
    async writeCpuProfile(path) {
      const { profile }: { profile: Profiler.Profile } = await inspector.post('Profiler.stop');
      inspector.disconnect();
      await writeFile(path, JSON.stringify(profile));
    },
  };
}

serveCalls(serviceFunctions());
