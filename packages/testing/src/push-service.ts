import { type PushService, type PushServiceOptions, startPushService } from '@belfry/push-service';

/** Starts push services for tests. */
export const pushService: { readonly start: (options?: PushServiceOptions) => Promise<PushService> } = {
  /**
   * A push service on free ports, in memory unless `dataDir` is given. It takes about 30 ms; close it after the browsers
   * that use it.
   *
   * @example
   * const service = await pushService.start();
   * const browser = await launchChromium({ pushService: service });
   *
   * @throws {PushServiceError} as `startPushService` of @belfry/push-service
   */
  start: (options) => startPushService({ autopushPort: 0, endpointPort: 0, ...options }),
};
