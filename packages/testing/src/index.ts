export type { PushService, PushServiceOptions } from '@belfry/push-service';
export type { Browser, WaitForNotificationOptions } from './browser.ts';
export type { BrowserNotification, ChromiumNotification, FirefoxNotification } from './browser-notification.ts';
export type { ChromiumPushEndpoints } from './chromium/push-switches.ts';
export type { Chromium } from './chromium.ts';
export type { Desktop } from './desktop.ts';
export { TestingError, type TestingErrorCode, type TestingErrorOptions } from './errors.ts';
export { type FindChromiumOptions, findChromium } from './find-chromium.ts';
export { type FindFirefoxOptions, type FoundBrowser, findFirefox } from './find-firefox.ts';
export {
  type FirefoxPreferencesOptions,
  firefoxPreferences,
  type Preferences,
  type PreferenceValue,
} from './firefox/firefox-preferences.ts';
export type { Firefox } from './firefox.ts';
export { httpsAgentFor } from './https-agent-for.ts';
export { type LaunchChromiumOptions, launchChromium } from './launch-chromium.ts';
export { type LaunchFirefoxOptions, launchFirefox } from './launch-firefox.ts';
export type { Page } from './page.ts';
export {
  type ChromiumLaunchOptions,
  type PrepareChromiumOptions,
  type PreparedChromium,
  prepareChromium,
} from './prepare-chromium.ts';
export { pushService } from './push-service.ts';
export type { PushSubscriptionJson } from './scripted-agent/agent-subscription.ts';
export type { ReceivedPush } from './scripted-agent/received-push.ts';
export type { ScriptedAgent } from './scripted-agent/scripted-agent.ts';
export {
  type AutopushAgentOptions,
  type McsAgentOptions,
  type ScriptedAgentOptions,
  startScriptedAgent,
} from './scripted-agent/start-scripted-agent.ts';
