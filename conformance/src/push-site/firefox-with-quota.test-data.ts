import type { PushService } from '@belfry/push-service';
import { type Firefox, launchFirefox } from '@belfry/testing';

/**
 * A Firefox that ends a subscription at the fourth push for which nothing was shown. Users' Firefox does so at the 16th, and looks 3 s
 * after each push whether something is; the one of other tests never does.
 */
export function launchFirefoxWithQuota({ pushService }: { readonly pushService: PushService }): Promise<Firefox> {
  return launchFirefox({
    pushService,
    preferences: { 'dom.push.maxQuotaPerSubscription': 4, 'dom.push.quotaUpdateDelay': 50 },
  });
}
