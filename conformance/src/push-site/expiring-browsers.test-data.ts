import type { PushService } from '@belfry/push-service';
import { type Browser, launchChromium, launchFirefox } from '@belfry/testing';
import type { PushSubscription } from 'web-push';
import type { PushSite } from './push-site.test-data.ts';

export interface ExpiringBrowser {
  readonly browser: Browser;
  /** Ends the site's subscription from outside, in the way that this browser tells a worker of. */
  expireSubscription(site: PushSite, subscription: PushSubscription): Promise<void>;
}

/** The browsers, and how a subscription comes to its end in each: `describe.each(EXPIRING_BROWSERS)('in $name', …)`. */
export const EXPIRING_BROWSERS: readonly {
  readonly name: string;
  launch(pushService: PushService): Promise<ExpiringBrowser>;
  /** What `pushsubscriptionchange` says of the subscription that ended. */
  readonly tellsOldEndpoint: boolean;
}[] = [
  {
    name: 'Firefox',
    async launch(pushService) {
      const browser = await launchFirefox({ pushService });
      // Its push service tells it by forgetting it.
      return {
        browser,
        expireSubscription: async (site, { endpoint }) => site.pushService.rotateSubscription(endpoint),
      };
    },
    tellsOldEndpoint: true,
  },
  {
    name: 'Chromium',
    async launch(pushService) {
      const browser = await launchChromium({ pushService });
      return {
        browser,
        async expireSubscription({ origin }) {
          await browser.setNotificationPermission(origin, 'block');
          await browser.setNotificationPermission(origin, 'allow');
        },
      };
    },
    tellsOldEndpoint: false,
  },
];
