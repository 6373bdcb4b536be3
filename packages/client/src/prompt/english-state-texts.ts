import type { PushStatus } from '../push-results.ts';

/** What to tell the user. */
export interface StateText {
  readonly title: string;
  readonly text: string;
  /** What the user can do about it, one thing after the other. */
  readonly steps?: readonly string[];
}

/** A state; `blocked` also by the browser that has to allow it again, `broken` also by what is at fault. */
export type StateTextKey =
  | PushStatus
  | `blocked-${'chromium' | 'firefox' | 'ios' | 'safari'}`
  | `broken-${'browser' | 'connection' | 'page' | 'server' | 'sign-in' | 'storage'}`;

export type StateTexts = Readonly<Record<StateTextKey, StateText>>;

const BLOCKED = {
  title: 'Notifications are blocked',
  text: 'You, or your browser for you, have blocked them for this site. Only you can allow them again.',
};
const BROKEN = 'Notifications do not arrive';

export const ENGLISH_STATE_TEXTS: StateTexts = {
  unknown: { title: 'One moment', text: 'We are looking whether notifications are on.' },
  unsupported: {
    title: 'No notifications in this browser',
    text: 'It cannot receive them. Current versions of Chrome, Edge, Firefox and Safari can.',
  },
  insecure: {
    title: 'No notifications on this page',
    text: 'It did not come over a secure connection. Open it with https:// at the start of its address.',
  },
  'needs-install': {
    title: 'Add this app to your Home Screen',
    text: 'On an iPhone or iPad (iOS 16.4 or later), only apps on the Home Screen get notifications.',
    steps: [
      'Tap Share, the square with an arrow. It may be behind the ⋯ button.',
      'Scroll down and tap “Add to Home Screen”, then “Add”.',
      'Open the app from your Home Screen, and turn on notifications there.',
    ],
  },
  blocked: {
    ...BLOCKED,
    steps: [
      'Open what your browser’s settings have for this site, mostly beside its address.',
      'Allow notifications, and come back to this page.',
    ],
  },
  'blocked-chromium': {
    ...BLOCKED,
    steps: [
      'Click or tap the icon to the left of the address.',
      'Switch on Notifications. On a phone they are under Permissions.',
      'Come back to this page.',
    ],
  },
  'blocked-firefox': {
    ...BLOCKED,
    steps: [
      'Click or tap the icon to the left of the address that shows this site’s permissions.',
      'Remove the block beside the notifications.',
      'Come back to this page.',
    ],
  },
  'blocked-ios': {
    ...BLOCKED,
    steps: [
      'Open the Settings app, then Notifications.',
      'Choose this app, and switch on Allow Notifications.',
      'Come back to this app.',
    ],
  },
  'blocked-safari': {
    ...BLOCKED,
    steps: [
      'Open Safari’s settings, then Websites, then Notifications.',
      'Choose Allow beside this site.',
      'Come back to this page.',
    ],
  },
  promptable: {
    title: 'Notifications are off',
    text: 'Turn them on to get news when this page is closed. Your browser then asks you to allow them.',
  },
  off: { title: 'Notifications are off', text: 'Turn them on to get news when this page is closed.' },
  on: { title: 'Notifications are on', text: 'You get them on this device, also when this page is closed.' },
  broken: {
    title: BROKEN,
    text: 'Something went wrong when they were set up. Try again.',
  },
  'broken-browser': {
    title: BROKEN,
    text: 'Your browser could not sign up for them. Private windows, and some browsers and networks, do not let it: look at its settings, then try again.',
  },
  'broken-connection': {
    title: BROKEN,
    text: 'We could not be reached. Once you are back online they are set up by themselves; you can also try again now.',
  },
  'broken-page': {
    title: BROKEN,
    text: 'A part of this page did not start. Reload the page, or try again.',
  },
  'broken-server': { title: BROKEN, text: 'The fault is ours. Try again later.' },
  'broken-sign-in': { title: BROKEN, text: 'You are signed out. Sign in, and turn them on again if they stay off.' },
  'broken-storage': {
    title: BROKEN,
    text: 'Your browser keeps nothing for this site, as in a private window. Allow it to store site data, then try again.',
  },
};
