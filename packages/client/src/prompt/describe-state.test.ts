import { describe, expect, test } from 'vitest';
import type { PushClientErrorCode } from '../push-client-error.ts';
import { describeState } from './describe-state.ts';

const browser = (userAgent: string, standalone?: boolean) => ({
  navigator: { userAgent, ...(standalone !== undefined && { standalone }) },
});
const anyBrowser = browser('');

describe('every state has words, and what a button would do', () => {
  test.each([
    ['unknown', null],
    ['unsupported', null],
    ['insecure', null],
    ['needs-install', null],
    ['blocked', null],
    ['promptable', 'enable'],
    ['off', 'enable'],
    ['on', 'disable'],
  ] as const)('%s: %s', (status, action) => {
    const { title, text, ...rest } = describeState({ status }, { environment: anyBrowser });
    expect(title).toMatch(/\w/);
    expect(text).toMatch(/[.…]$/);
    expect(rest.action).toBe(action);
  });
});

// The type makes it complete: a reason to come needs its line here.
const BROKEN: Record<PushClientErrorCode, RegExp> = {
  'worker-registration-failed': /Reload the page/,
  'worker-not-ready': /Reload the page/,
  'server-unreachable': /back online/,
  'not-signed-in': /Sign in/,
  'server-refused': /on our side/,
  'server-answer-invalid': /on our side/,
  'push-key-invalid': /on our side/,
  'push-key-conflict': /Try again/,
  'push-not-allowed': /Private windows/,
  'push-service-unavailable': /Private windows/,
  'unsubscribe-failed': /Try again/,
  'storage-failed': /store data/,
  'signed-out': /Sign in/,
  unconfirmed: /Try again/,
  unexpected: /Try again/,
};

describe('what is broken is told by what the user can do', () => {
  test.each(Object.entries(BROKEN))('%s: %s', (reason, words) => {
    if (!isReason(reason)) throw new Error(`${reason} is in the table`);
    const { text, action } = describeState({ status: 'broken', reason });
    expect(text).toMatch(words);
    // Nobody who is signed out gets further by trying again.
    expect(action).toBe(String(words) === '/Sign in/' ? null : 'retry');
  });
});

function isReason(reason: string): reason is PushClientErrorCode {
  return Object.hasOwn(BROKEN, reason);
}

test('on iOS it takes three steps to the Home Screen', () => {
  const { steps = [] } = describeState({ status: 'needs-install' });
  expect(steps).toHaveLength(3);
  expect(steps[1]).toContain('Add to Home Screen');
});

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X)';

describe('what was blocked is allowed again', () => {
  test.each([
    ['in Chrome', browser(`${MAC} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36`), 'Switch on'],
    ['in Firefox', browser('Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'), 'the block'],
    ['in Safari', browser(`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`), 'Safari’s'],
    ['on iOS', browser(`${PHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148`, true), 'Settings app'],
    [
      'on an iPad that calls itself a Mac',
      browser(`${MAC} AppleWebKit/605.1.15 Version/26.1 Safari/605.1.15`, true),
      'Settings app',
    ],
    ['in another browser', browser('Something else'), 'next to the address'],
    ['where nothing tells which', {}, 'next to the address'],
  ])('%s', (_where, environment, words) => {
    expect(describeState({ status: 'blocked' }, { environment }).steps?.join(' ')).toContain(words);
  });
});

describe('texts of the app', () => {
  const firefox = browser('Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0');
  const blocked = { title: 'Blockiert', text: 'Nur Sie können das ändern.' };
  const broken = { title: 'Unterbrochen', text: 'Noch einmal?' };

  test('stand in place of the English ones, and leave the action as it is', () => {
    const off = { title: 'Aus', text: 'Einschalten?' };
    expect(describeState({ status: 'off' }, { texts: { off } })).toEqual({ ...off, action: 'enable' });
    expect(describeState({ status: 'on' }, { texts: { off } }).title).toBe('Notifications are on');
  });

  test('for blocked and broken do for every browser and every fault', () => {
    const options = { texts: { blocked, broken }, environment: firefox };
    expect(describeState({ status: 'blocked' }, options)).toEqual({ ...blocked, action: null });
    const offline = { status: 'broken', reason: 'server-unreachable' } as const;
    expect(describeState(offline, options)).toEqual({ ...broken, action: 'retry' });
  });

  test('for one browser or one fault come first', () => {
    const own = { title: 'Blockiert', text: 'In Firefox', steps: ['Links der Adresse'] };
    const options = { texts: { blocked, 'blocked-firefox': own }, environment: firefox };
    expect(describeState({ status: 'blocked' }, options)).toEqual({ ...own, action: null });
  });
});
