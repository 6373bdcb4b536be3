import { expect, test } from 'vitest';
import { parseEndpoint } from '../rfc8030/endpoint.ts';
import { subscriptionToken } from './subscription-token.ts';

test.each([
  ['https://fcm.googleapis.com/fcm/send/cZ1:APA91b-x_y', 'cZ1:APA91b-x_y'],
  ['https://fcm.googleapis.com/wp/cZ1:APA91b-x_y', 'cZ1:APA91b-x_y'],
  ['https://fcm.googleapis.com/preprod/wp/cZ1:APA91b-x_y', 'cZ1:APA91b-x_y'],
  ['https://updates.push.services.mozilla.com/wpush/v2/gAAAA-_x', 'gAAAA-_x'],
  ['https://web.push.apple.com/QGkk-x_y', 'QGkk-x_y'],
  ['https://db5p.notify.windows.com/w/?token=BQYAAAC%2bx%2f%3d', 'BQYAAAC+x/='],
  ['https://db5p.notify.windows.com/w/?token=BQYAAAC%2Bx%2F%3D', 'BQYAAAC+x/='],
  ['https://push.example.net/a/b', 'https://push.example.net/a/b'],
  ['https://fcm.googleapis.com/what/else', 'https://fcm.googleapis.com/what/else'],
])('%s is of the subscription %s', (text, token) => {
  const endpoint = parseEndpoint(text);
  expect(endpoint.ok && subscriptionToken(endpoint.value)).toBe(token);
});
