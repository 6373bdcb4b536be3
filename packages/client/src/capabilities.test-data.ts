import type { PushStatus } from './push-results.ts';

/** What the `window` of a page has of what push needs. */
export interface Capabilities {
  readonly isSecureContext: boolean;
  /** `navigator.standalone`; undefined: not there. */
  readonly standalone: boolean | undefined;
  readonly serviceWorker: boolean;
  readonly Notification: boolean;
  readonly PushManager: boolean;
  /** `window.pushManager`. */
  readonly pushManager: boolean;
  /** Whether IndexedDB lets the page keep anything. */
  readonly storage: boolean;
}

export interface RecordedBrowser {
  readonly has: Capabilities;
  /** The state before anybody was asked. */
  readonly status: PushStatus;
}

const CHROME: Capabilities = {
  isSecureContext: true,
  standalone: undefined,
  serviceWorker: true,
  Notification: true,
  PushManager: true,
  pushManager: false,
  storage: true,
};
/** All browsers on iOS and iPadOS: only an app on the Home Screen has Notification and PushManager. */
const IOS_TAB: Capabilities = { ...CHROME, standalone: false, Notification: false, PushManager: false };

export const EVERYTHING: Capabilities = CHROME;

/**
 * Written down from what vendors and the browser compatibility data say, and not read off devices. (The real Firefox and Chromium
 * are in the journeys of conformance/.)
 */
export const RECORDED: Readonly<Record<string, RecordedBrowser>> = {
  'Chrome on a desktop': { has: CHROME, status: 'promptable' },
  'Chrome on Android': { has: CHROME, status: 'promptable' },
  'Firefox on a desktop': { has: CHROME, status: 'promptable' },
  'Firefox on Android': { has: CHROME, status: 'promptable' },
  'Firefox, a private window without service workers': {
    has: { ...CHROME, serviceWorker: false, storage: false },
    status: 'unsupported',
  },
  'Firefox, a private window without storage': { has: { ...CHROME, storage: false }, status: 'promptable' },
  'Safari 18.4 on macOS': { has: { ...CHROME, pushManager: true }, status: 'promptable' },
  'Safari 16 to 18.3 on macOS': { has: CHROME, status: 'promptable' },
  'Safari on macOS with window.pushManager alone': {
    has: { ...CHROME, serviceWorker: false, PushManager: false, pushManager: true },
    status: 'promptable',
  },
  'Safari 15 on macOS': { has: { ...CHROME, PushManager: false }, status: 'unsupported' },
  'iOS 18, a tab': { has: IOS_TAB, status: 'needs-install' },
  'iOS 18, on the Home Screen': { has: { ...CHROME, standalone: true, pushManager: true }, status: 'promptable' },
  // Installing does not help before iOS 16.4, which is not told by what a tab has.
  'iOS 16.3, a tab': { has: IOS_TAB, status: 'needs-install' },
  'iOS 16.3, on the Home Screen': { has: { ...IOS_TAB, standalone: true }, status: 'unsupported' },
  'the browser inside an app on iOS': { has: { ...IOS_TAB, serviceWorker: false }, status: 'needs-install' },
  'the browser inside an app on Android': {
    has: { ...CHROME, Notification: false, PushManager: false },
    status: 'unsupported',
  },
  'Chrome, a page over http': {
    has: { ...CHROME, isSecureContext: false, serviceWorker: false, PushManager: false },
    status: 'insecure',
  },
  'iOS 18, a page over http': {
    has: { ...IOS_TAB, isSecureContext: false, serviceWorker: false },
    status: 'insecure',
  },
};
