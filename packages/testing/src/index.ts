export type { BrowserNotification } from './browser-notification.ts';
export { TestingError, type TestingErrorCode, type TestingErrorOptions } from './errors.ts';
export { type FindFirefoxOptions, type FoundBrowser, findFirefox } from './find-firefox.ts';
export type { Preferences, PreferenceValue } from './firefox/firefox-preferences.ts';
export type { Firefox, WaitForNotificationOptions } from './firefox.ts';
export { type LaunchFirefoxOptions, launchFirefox } from './launch-firefox.ts';
export type { Page } from './page.ts';
