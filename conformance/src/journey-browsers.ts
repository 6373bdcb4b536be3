import type { PushService } from '@belfry/push-service';
import {
  type Browser,
  type BrowserNotification,
  type ChromiumNotification,
  type FirefoxNotification,
  launchChromium,
  launchFirefox,
} from '@belfry/testing';

/** Keeps a PNG under a name. */
export type TakePicture = (name: string, png: Uint8Array) => Promise<void>;

/** A browser that can make the journey. */
export interface JourneyBrowser<Notification extends BrowserNotification> {
  readonly name: string;
  launch(pushService: PushService): Promise<LaunchedBrowser<Notification>>;
}

/** One of its profiles, and how its user allows notifications. */
export interface LaunchedBrowser<Notification extends BrowserNotification> {
  readonly browser: Browser<Notification>;
  beforeClick?(origin: string): Promise<void>;
  afterClick?(picture: TakePicture | undefined): Promise<void>;
  photograph?(notification: Notification, picture: TakePicture | undefined): Promise<void>;
}

/** Firefox asks, in a prompt of its own, and draws notifications itself. */
export const FIREFOX: JourneyBrowser<FirefoxNotification> = {
  name: 'firefox',
  async launch(pushService) {
    const browser = await launchFirefox({ pushService });
    return {
      browser,
      async afterClick(picture) {
        await browser.waitForPermissionPrompt();
        await picture?.('enable', await browser.screenshot());
        await browser.answerPermissionPrompt('allow');
      },
      photograph: async (notification, picture) => picture?.('notification', await notification.screenshot()),
    };
  },
};

/** Headless Chromium denies without asking: the permission is there before. */
export const CHROMIUM: JourneyBrowser<ChromiumNotification> = {
  name: 'chromium',
  async launch(pushService) {
    const browser = await launchChromium({ pushService });
    return { browser, beforeClick: (origin) => browser.grantNotifications(origin) };
  },
};
