import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseClientMessage } from './parse-client-message.ts';

const CHANNEL = '06d86d93-3c70-4885-a158-ba7cc5e9189c';
const parse = (message: unknown) => parseClientMessage(JSON.stringify(message));

describe('the frames that Firefox sends', () => {
  test.each([
    ['a ping', {}, { type: 'ping' }],
    ['a first hello', { messageType: 'hello', broadcasts: {}, use_webpush: true }, { type: 'hello' }],
    ['a later hello', { messageType: 'hello', uaid: 'abc', use_webpush: true }, { type: 'hello', uaid: 'abc' }],
    [
      'a register',
      { channelID: CHANNEL, messageType: 'register', key: 'BA==' },
      { type: 'register', channelId: CHANNEL, key: 'BA==' },
    ],
    [
      'an unregister',
      { channelID: CHANNEL, messageType: 'unregister', code: 200 },
      { type: 'unregister', channelId: CHANNEL },
    ],
    [
      'an ack',
      { messageType: 'ack', updates: [{ channelID: CHANNEL, version: 'v', code: 100 }] },
      { type: 'ack', updates: [{ channelId: CHANNEL, id: 'v', code: 100 }] },
    ],
    ['a nack', { messageType: 'nack', version: 'v', code: 302 }, { type: 'nack', code: 302 }],
    [
      'a broadcast subscription',
      { messageType: 'broadcast_subscribe', broadcasts: { 'remote-settings/monitor_changes': '"0"' } },
      { type: 'broadcast-subscribe' },
    ],
    ['a type of a later Firefox', { messageType: 'urgency', min: 'high' }, { type: 'unknown' }],
  ])('%s is read', (_name, message, value) => {
    expect(parse(message)).toEqual({ ok: true, value });
  });
});

describe('what is malformed', () => {
  test.each([
    ['no JSON', '{"messageType":'],
    ['an empty frame', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '1'],
    ['an object without messageType', '{"uaid":"abc"}'],
    ['a messageType that is no string', '{"messageType":1}'],
    ['a uaid that is no string', '{"messageType":"hello","uaid":7}'],
    ['a register without channel', '{"messageType":"register"}'],
    ['a channel that is no UUID', '{"messageType":"register","channelID":"x"}'],
    ['a channel in capitals', `{"messageType":"register","channelID":"${CHANNEL.toUpperCase()}"}`],
    ['an ack without updates', '{"messageType":"ack"}'],
    ['an ack of nothing named', '{"messageType":"ack","updates":[{}]}'],
  ])('%s is refused', (_name, frame) => {
    expect(parseClientMessage(frame)).toEqual({ ok: false, error: 'malformed-frame' });
  });

  test('is every text that is no JSON object', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.json()), (text) => {
        fc.pre(!isJsonObject(text));
        expect(parseClientMessage(text)).toEqual({ ok: false, error: 'malformed-frame' });
      }),
    );
  });

  test('is every frame of a known type whose fields are arbitrary JSON', () => {
    const frame = fc.record({
      messageType: fc.constantFrom('register', 'unregister', 'ack'),
      channelID: fc.jsonValue(),
      updates: fc.oneof(fc.string(), fc.array(fc.jsonValue(), { minLength: 1 })),
    });
    fc.assert(
      fc.property(frame, (message) => {
        expect(parse(message)).toEqual({ ok: false, error: 'malformed-frame' });
      }),
    );
  });
});

function isJsonObject(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)).startsWith('{');
  } catch {
    return false;
  }
}
