import { expect, test } from 'vitest';
import { parseCdpMessage } from './parse-cdp-message.ts';

test('answers, errors and events are told apart', () => {
  expect(parseCdpMessage('{"id":3,"result":{"a":1},"sessionId":"s"}')).toEqual({
    type: 'success',
    id: 3,
    result: { a: 1 },
  });
  expect(parseCdpMessage('{"id":4,"error":{"code":-32000,"message":"m"}}')).toEqual({
    type: 'error',
    id: 4,
    message: 'm',
  });
  expect(parseCdpMessage('{"method":"Page.javascriptDialogOpening","params":{},"sessionId":"s"}')).toEqual({
    type: 'event',
    method: 'Page.javascriptDialogOpening',
    params: {},
    sessionId: 's',
  });
});

test.each(['', 'null', '[]', '{"id":"3","result":{}}', '{"id":3}', '{"id":3,"error":"m"}', '{"method":1,"params":{}}'])(
  '%s is no message',
  (text) => {
    expect(parseCdpMessage(text)).toBeUndefined();
  },
);
