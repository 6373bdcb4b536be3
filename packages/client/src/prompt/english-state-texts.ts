import type { PushStatus } from '../push-results.ts';

/** What to tell the user. */
export interface StateText {
  readonly title: string;
  readonly text: string;
  /** What the user can do about it, in order. */
  readonly steps?: readonly string[];
}

/** A state. `blocked` also has a text for each browser that blocks, and `broken` one for each cause. */
export type StateTextKey =
  | PushStatus
  | `blocked-${'chromium' | 'firefox' | 'ios' | 'safari'}`
  | `broken-${'browser' | 'connection' | 'page' | 'server' | 'sign-in' | 'storage'}`;

export type StateTexts = Readonly<Record<StateTextKey, StateText>>;

const BLOCKED = {
  title: 'Notifications are blocked',
  text: 'Notifications are blocked for this site. You can allow them in your browser’s settings.',
};
const OFF = {
  title: 'Notifications are off',
  text: 'Turn on notifications to get updates when this page is closed.',
};
const BROKEN = 'Notifications aren’t working';

export const ENGLISH_STATE_TEXTS: StateTexts = {
  unknown: { title: 'One moment', text: 'Checking notification status…' },
  unsupported: {
    title: 'Notifications aren’t supported',
    text: 'This browser doesn’t support notifications. Use a current version of Chrome, Edge, Firefox or Safari.',
  },
  insecure: {
    title: 'This page isn’t secure',
    text: 'Notifications need a secure connection. Open this page with an address that starts with https://.',
  },
  'needs-install': {
    title: 'Add this app to your Home Screen',
    text: 'On an iPhone or iPad (iOS 16.4 or later), only apps on the Home Screen can send notifications.',
    steps: [
      'Tap the Share button (a square with an arrow). It may be behind the ⋯ button.',
      'Scroll down and tap “Add to Home Screen”, then “Add”.',
      'Open the app from your Home Screen and turn on notifications there.',
    ],
  },
  blocked: {
    ...BLOCKED,
    steps: [
      'Open your browser’s settings for this site. You usually find them next to the address.',
      'Allow notifications, then come back to this page.',
    ],
  },
  'blocked-chromium': {
    ...BLOCKED,
    steps: [
      'Click or tap the icon to the left of the address.',
      'Switch on Notifications. On a phone, they are under Permissions.',
      'Come back to this page.',
    ],
  },
  'blocked-firefox': {
    ...BLOCKED,
    steps: [
      'Click or tap the permissions icon to the left of the address.',
      'Remove the block next to “Send notifications”.',
      'Come back to this page.',
    ],
  },
  'blocked-ios': {
    ...BLOCKED,
    text: 'Notifications are blocked for this app. You can allow them in the Settings app.',
    steps: [
      'Open the Settings app, then tap Notifications.',
      'Choose this app and switch on Allow Notifications.',
      'Come back to this app.',
    ],
  },
  'blocked-safari': {
    ...BLOCKED,
    steps: [
      'Open Safari’s settings, then Websites, then Notifications.',
      'Choose Allow next to this site.',
      'Come back to this page.',
    ],
  },
  promptable: { ...OFF, text: `${OFF.text} Your browser will ask you to allow them.` },
  off: OFF,
  on: { title: 'Notifications are on', text: 'You get notifications on this device, even when this page is closed.' },
  broken: { title: BROKEN, text: 'Something went wrong while setting up notifications. Try again.' },
  'broken-browser': {
    title: BROKEN,
    text:
      'Your browser couldn’t set up notifications. Private windows and some browsers and networks don’t allow them. ' +
      'Check your browser’s settings, then try again.',
  },
  'broken-connection': {
    title: BROKEN,
    text: 'We can’t reach the server. Notifications are set up automatically once you are back online, or try again now.',
  },
  'broken-page': { title: BROKEN, text: 'Part of this page didn’t load. Reload the page, or try again.' },
  'broken-server': { title: BROKEN, text: 'Something is wrong on our side. Try again later.' },
  'broken-sign-in': {
    title: BROKEN,
    text: 'You are signed out. Sign in, then turn on notifications again if they are still off.',
  },
  'broken-storage': {
    title: BROKEN,
    text:
      'Your browser doesn’t store data for this site, for example because this is a private window. ' +
      'Allow this site to store data, then try again.',
  },
};
