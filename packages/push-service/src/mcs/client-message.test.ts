import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loginRequest } from '../fixtures/mcs-client.test-data.ts';
import { parseClientMessage } from './client-message.ts';

const profile = { androidId: '4611686018427387905', securityToken: '77' };

test('a login is read with its credentials and what it has received', () => {
  expect(parseClientMessage(2, loginRequest(profile, ['one', 'two']))).toEqual({
    ok: true,
    value: { type: 'login', user: profile.androidId, authToken: '77', receivedIds: ['one', 'two'] },
  });
});

test.each([
  ['a heartbeat', 0, '1003', { type: 'heartbeat-ping', lastStreamId: 3 }],
  ['the answer to one', 1, '1003', { type: 'other', lastStreamId: 3 }],
  ['the StreamAck of Chromium 156', 7, '10011a003a04080d12005002', { type: 'other', lastStreamId: 2 }],
  ['a data message', 8, '5805', { type: 'other', lastStreamId: 5 }],
  ['a close', 4, '', { type: 'close' }],
  ['a stream error', 10, '0a0178', { type: 'close' }],
  ['a heartbeat whose number is a text', 0, '12013a', { type: 'heartbeat-ping', lastStreamId: undefined }],
])('%s is read', (_name, tag, hex, value) => {
  expect(parseClientMessage(tag, Buffer.from(hex, 'hex'))).toEqual({ ok: true, value });
});

test.each([
  ['an unknown tag', 5, '', 'unknown-tag'],
  ['a message of the service', 3, '', 'unknown-tag'],
  ['a field that is cut short', 2, '1a05', 'malformed-protobuf'],
  ['a varint without end', 0, 'ffffffffffffffffffffff', 'malformed-protobuf'],
])('%s is refused', (_name, tag, hex, error) => {
  expect(parseClientMessage(tag, Buffer.from(hex, 'hex'))).toEqual({ ok: false, error });
});

test('no bytes throw', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 100 }), (tag, payload) => {
      expect(typeof parseClientMessage(tag, payload).ok).toBe('boolean');
    }),
    { numRuns: 100_000 },
  );
});
