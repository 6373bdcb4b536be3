import type { PushService } from '@belfry/push-service';
import { type Browser, launchChromium, launchFirefox } from '@belfry/testing';

/** The browsers that a suite runs in: `describe.each(BROWSERS)('in $name', …)`. */
export const BROWSERS: readonly {
  readonly name: string;
  launch(options: { readonly pushService: PushService; readonly profileDir?: string }): Promise<Browser>;
}[] = [
  { name: 'Firefox', launch: launchFirefox },
  { name: 'Chromium', launch: launchChromium },
];
