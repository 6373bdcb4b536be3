export type PreferenceValue = string | number | boolean;

export type Preferences = Readonly<Record<string, PreferenceValue>>;

export interface FirefoxPreferencesOptions {
  /** The push service that Firefox uses in place of Mozilla's; @belfry/push-service's `PushService` fits. */
  readonly pushService: { readonly autopushUrl: string };
  /** Default true: no connection leaves the loopback interface. */
  readonly containment?: boolean | undefined;
  /** Added last, so that they win. */
  readonly preferences?: Preferences | undefined;
}

/**
 * The preferences (about:config) of a Firefox with a push service of its own, for those who launch it themselves. All as
 * measured with Firefox 153.7. Remote control brings its own set as well, which silences telemetry and updates.
 *
 * @example
 * const browser = await puppeteer.launch({
 *   browser: 'firefox',
 *   executablePath: (await findFirefox()).executablePath,
 *   extraPrefsFirefox: firefoxPreferences({ pushService }),
 * });
 */
export function firefoxPreferences(options: FirefoxPreferencesOptions): Preferences {
  const { pushService, containment = true, preferences } = options;
  return {
    'dom.push.serverURL': pushService.autopushUrl,
    // Without it only wss: is accepted.
    'dom.push.testing.allowInsecureServerURL': true,
    // Remote control sets it to false, and subscribe() fails at once, unless the profile says so itself.
    'dom.push.connection.enabled': true,
    // The system's notifications cannot be read or clicked, and without libnotify showNotification() rejects.
    'alerts.useSystemBackend': false,
    // Remote control sets it, and then a worker's client.focus() gives the page the focus but leaves its tab behind.
    'focusmanager.testmode': false,
    // Alert windows close at once, not after an animation.
    'ui.prefersReducedMotion': 1,
    // navigator.onLine stays true on a machine that has only the loopback interface.
    'network.manage-offline-status': false,
    // Milliseconds (default 5000) until the push client connects again to a restarted push service.
    'dom.push.retryBaseInterval': 200,
    // Silent pushes (default 16) before Firefox drops the subscription: a burst of 20 is enough even with a tab open.
    'dom.push.maxQuotaPerSubscription': 10_000,
    // One empty tab at the start, no page for newcomers and no question about the default browser.
    'browser.startup.page': 0,
    'browser.aboutwelcome.enabled': false,
    'browser.shell.checkDefaultBrowser': false,
    // Closing the last tab would end the browser.
    'browser.tabs.closeWindowWithLastTab': false,
    ...(containment ? deadProxy : {}),
    ...preferences,
  };
}

/** Port 9 (discard) refuses every connection that leaves the loopback interface, which bypasses proxies by default. */
const deadProxy: Preferences = {
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
};

/** The text of a profile's user.js, which Firefox reads at every start. */
export function userJs(preferences: Preferences): string {
  return Object.entries(preferences)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join('');
}
