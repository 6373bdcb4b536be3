import { afterEach, expect, test } from 'vitest';
import { callBoth } from './both.test-data.ts';

const GCM = 'https://android.googleapis.com/gcm/send/abc';
const FCM = 'https://fcm.googleapis.com/fcm/send/abc';

afterEach(() => {
  callBoth('setGCMAPIKey', null);
});

test.each([[[]], [['']], [[5]], [[{}]], [[null]], [['a-key']]])('given %j it does as web-push does', (args) => {
  const { ours, theirs } = callBoth('setGCMAPIKey', ...args);
  expect(ours).toEqual(theirs);
});

test.each([GCM, FCM])('without a key, a request to %s warns as web-push does', (endpoint) => {
  const { ours, theirs } = callBoth('generateRequestDetails', { endpoint });
  expect(ours).toEqual(theirs);
  expect(ours.warnings).toHaveLength(endpoint === GCM ? 1 : 0);
});

test.each([GCM, FCM])('its key authorizes requests to %s, and an option comes before it', (endpoint) => {
  callBoth('setGCMAPIKey', 'for-all');
  for (const options of [undefined, { gcmAPIKey: 'for-one' }, { gcmAPIKey: null }]) {
    const { ours, theirs } = callBoth('generateRequestDetails', { endpoint }, null, options);
    expect(ours).toEqual(theirs);
    const key = options?.gcmAPIKey ?? 'for-all';
    expect(ours).toMatchObject({ value: { headers: { Authorization: `key=${key}` } } });
  }
});

test('no other push service is told the key', () => {
  callBoth('setGCMAPIKey', 'for-all');
  const { ours } = callBoth('generateRequestDetails', {
    endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/a',
  });
  expect(ours).not.toHaveProperty('value.headers.Authorization');
});
