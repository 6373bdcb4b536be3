import { expect, test } from 'vitest';
import { parseBidiMessage } from './parse-bidi-message.ts';

test('answers, errors and events are told apart', () => {
  expect(parseBidiMessage('{"type":"success","id":3,"result":{"a":1}}')).toEqual({
    type: 'success',
    id: 3,
    result: { a: 1 },
  });
  expect(
    parseBidiMessage('{"type":"error","id":null,"error":"invalid argument","message":"m","stacktrace":""}'),
  ).toEqual({
    type: 'error',
    id: null,
    error: 'invalid argument',
    message: 'm',
  });
  expect(parseBidiMessage('{"type":"event","method":"browsingContext.load","params":{}}')).toEqual({
    type: 'event',
    method: 'browsingContext.load',
    params: {},
  });
});

test.each(['', 'null', '[]', '{"type":"success","id":"3","result":{}}', '{"type":"event","method":1,"params":{}}'])(
  '%s is no message',
  (text) => {
    expect(parseBidiMessage(text)).toBeUndefined();
  },
);
