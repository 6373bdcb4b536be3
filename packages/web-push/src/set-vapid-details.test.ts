import { afterEach, expect, test } from 'vitest';
import theirs from 'web-push';
import { callBoth } from './both.test-data.ts';
import webpush, { setVapidDetails } from './index.ts';

const keys = theirs.generateVAPIDKeys();
const SUBJECT = 'mailto:user@example.org';
const KEY_65 = Buffer.alloc(65).toString('base64url');
const KEY_32 = Buffer.alloc(32).toString('base64url');

afterEach(() => {
  callBoth('setVapidDetails', null);
});

test('what it sets is used by the requests that bring nothing of their own', () => {
  setVapidDetails(SUBJECT, keys.publicKey, keys.privateKey);
  theirs.setVapidDetails(SUBJECT, keys.publicKey, keys.privateKey);
  const { ours: details, theirs: expected } = callBoth('generateRequestDetails', {
    endpoint: 'https://push.example.net/1',
  });
  expect(details).toEqual(expected);
  expect(JSON.stringify(details)).toContain(SUBJECT);
});

test('null alone unsets it', () => {
  setVapidDetails(SUBJECT, keys.publicKey, keys.privateKey);
  webpush.setVapidDetails(null);
  const { headers } = webpush.generateRequestDetails({
    endpoint: 'https://push.example.net/1',
    keys: { p256dh: '', auth: '' },
  });
  expect(headers).not.toHaveProperty('Authorization');
});

test.each([
  ['nothing', []],
  ['null with others', [null, KEY_65, KEY_32]],
  ['an https subject', ['https://example.org/contact', keys.publicKey, keys.privateKey]],
  ['a subject with a space, as in its documentation', ['mailto: user@example.org', keys.publicKey, keys.privateKey]],
  ['a subject on localhost, which is warned of', ['https://localhost:3000', keys.publicKey, keys.privateKey]],
  ['an empty subject', ['', keys.publicKey, keys.privateKey]],
  ['a subject that is a number', [5, keys.publicKey, keys.privateKey]],
  ['a subject that is an object', [{}, keys.publicKey, keys.privateKey]],
  ['a subject that is no URL', ['user@example.org', keys.publicKey, keys.privateKey]],
  ['an http subject', ['http://example.org', keys.publicKey, keys.privateKey]],
  ['a subject only', [SUBJECT]],
  ['no private key', [SUBJECT, keys.publicKey]],
  ['a public key that is an object', [SUBJECT, {}, keys.privateKey]],
  ['a private key that is an object', [SUBJECT, keys.publicKey, Buffer.alloc(32)]],
  ['a padded public key', [SUBJECT, `${keys.publicKey}=`, keys.privateKey]],
  ['a private key in plain base64', [SUBJECT, keys.publicKey, Buffer.alloc(32, 255).toString('base64')]],
  ['a short public key', [SUBJECT, Buffer.alloc(60).toString('base64url'), keys.privateKey]],
  ['a long private key', [SUBJECT, keys.publicKey, Buffer.alloc(60).toString('base64url')]],
  ['keys of zeros, as in tests', [SUBJECT, KEY_65, KEY_32]],
])('given %s it does as web-push does', (_name, args) => {
  const { ours, theirs: expected } = callBoth('setVapidDetails', ...args);
  expect(ours).toEqual(expected);
});
