import { expect, test } from 'vitest';
import { type Endpoint, parseEndpoint } from '../rfc8030/endpoint.ts';
import { endpointSpellings } from './endpoint-spellings.ts';

function endpointOf(text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (!endpoint.ok) throw new Error(endpoint.error);
  return endpoint.value;
}

test.each([
  [
    'FCM',
    [
      'https://fcm.googleapis.com/fcm/send/cZ1:APA91b-x_y',
      'https://fcm.googleapis.com/wp/cZ1:APA91b-x_y',
      'https://fcm.googleapis.com/preprod/wp/cZ1:APA91b-x_y',
      'https://jmt17.google.com/fcm/send/cZ1:APA91b-x_y',
      'https://jmt17.google.com/wp/cZ1:APA91b-x_y',
      'https://jmt17.google.com/preprod/wp/cZ1:APA91b-x_y',
    ],
  ],
  [
    'WNS',
    [
      'https://db5p.notify.windows.com/w/?token=BQYaAAC%2bx%2f%3d',
      'https://db5p.notify.windows.com/w/?token=BQYaAAC%2Bx%2F%3D',
    ],
  ],
  ['WNS without percent-encoding', ['https://db5p.notify.windows.com/w/?token=BQYaAACx']],
  ['Mozilla, where a token belongs to one path', ['https://updates.push.services.mozilla.com/wpush/v2/gAAAA-_x']],
  ['an unknown service', ['https://push.example.net/wp/%2b']],
  ['a path that FCM does not give out', ['https://fcm.googleapis.com/what/else']],
])('the endpoints of a subscription at %s', (_service, spellings) => {
  for (const spelling of spellings) expect(endpointSpellings(endpointOf(spelling))).toEqual(spellings);
});
