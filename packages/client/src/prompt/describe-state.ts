import type { PushClientErrorCode } from '../push-client-error.ts';
import type { PushState } from '../push-results.ts';
import { ENGLISH_STATE_TEXTS, type StateText, type StateTextKey, type StateTexts } from './english-state-texts.ts';

/** What to tell the user of a state, and what to offer. */
export interface StateDescription extends StateText {
  /** What a button beside it calls: `push.enable()` for `enable` and `retry`, `push.disable()` for `disable`. */
  readonly action: 'enable' | 'disable' | 'retry' | null;
}

export interface DescribeStateOptions {
  /** In place of the English ones. `blocked` and `broken` stand for all of theirs that are not there. */
  readonly texts?: Partial<StateTexts>;
  /** Tells which browser the steps are for; default: the page's own `window`. */
  readonly environment?: DescribeStateEnvironment;
}

/** The part of `window` that tells one browser from another. */
export interface DescribeStateEnvironment {
  readonly navigator?: {
    readonly userAgent: string;
    /** Only iOS and iPadOS have it. */
    readonly standalone?: boolean;
  };
}

/** Says in plain words what a state means to the user. */
export function describeState(
  state: PushState,
  { texts = {}, environment = globalThis }: DescribeStateOptions = {},
): StateDescription {
  const key = textKey(state, environment);
  const text = texts[key] ?? texts[state.status] ?? ENGLISH_STATE_TEXTS[key];
  return { ...text, action: actionFor(key) };
}

function textKey(state: PushState, environment: DescribeStateEnvironment): StateTextKey {
  if (state.status === 'blocked') return browserWithBlock(environment);
  return state.status === 'broken' ? AT_FAULT[state.reason] : state.status;
}

function actionFor(key: StateTextKey): StateDescription['action'] {
  if (key === 'promptable' || key === 'off') return 'enable';
  if (key === 'on') return 'disable';
  return key.startsWith('broken') && key !== 'broken-sign-in' ? 'retry' : null;
}

/** What the user sees of each failure, who can do little about most of them. */
const AT_FAULT: Readonly<Record<PushClientErrorCode, StateTextKey>> = {
  'worker-registration-failed': 'broken-page',
  'worker-not-ready': 'broken-page',
  'server-unreachable': 'broken-connection',
  'not-signed-in': 'broken-sign-in',
  'server-refused': 'broken-server',
  'server-answer-invalid': 'broken-server',
  'push-key-invalid': 'broken-server',
  'push-key-conflict': 'broken',
  'push-not-allowed': 'broken-browser',
  'push-service-unavailable': 'broken-browser',
  'unsubscribe-failed': 'broken',
  'storage-failed': 'broken-storage',
  'signed-out': 'broken-sign-in',
  unconfirmed: 'broken',
  unexpected: 'broken',
};

function browserWithBlock({ navigator }: DescribeStateEnvironment): StateTextKey {
  // All browsers on iOS are the same there, whatever they call themselves.
  if (navigator?.standalone !== undefined) return 'blocked-ios';
  const userAgent = navigator?.userAgent ?? '';
  if (userAgent.includes('Firefox/')) return 'blocked-firefox';
  // Calls itself Safari too.
  if (userAgent.includes('Chrome/')) return 'blocked-chromium';
  return userAgent.includes('Safari/') ? 'blocked-safari' : 'blocked';
}
