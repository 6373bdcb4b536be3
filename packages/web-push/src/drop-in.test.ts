import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import theirs, { type PushSubscription, type RequestOptions } from 'web-push';
import * as named from './index.ts';
import webpush, { WebPushError } from './index.ts';

const run = promisify(execFile);

test('everything that web-push has is there, in the default export and by name', () => {
  expect(Object.keys(webpush)).toEqual(expect.arrayContaining(Object.keys(theirs)));
  expect(named).toMatchObject(webpush);
});

test('its types say supportedUrgency, which web-push lacks at run time', () => {
  expect(webpush.supportedUrgency).toEqual({ VERY_LOW: 'very-low', LOW: 'low', NORMAL: 'normal', HIGH: 'high' });
});

test('the supported content encodings are web-push’s', () => {
  expect(webpush.supportedContentEncodings).toEqual(theirs.supportedContentEncodings);
});

test('what is written against the types of web-push compiles', () => {
  const subscription: PushSubscription = {
    endpoint: 'https://a.example/',
    keys: { p256dh: '', auth: '' },
  };
  const options: RequestOptions = { TTL: 60, urgency: 'high', headers: { a: 'b' } };
  const same: Pick<
    typeof theirs,
    'generateVAPIDKeys' | 'getVapidHeaders' | 'sendNotification' | 'setGCMAPIKey' | 'setVapidDetails' | 'WebPushError'
  > = webpush;
  const details: webpush.RequestDetails = webpush.generateRequestDetails(subscription, null, options);
  const headers: Record<string, string> = details.headers;
  expect(headers['Urgency']).toBe('high');
  expect(same.WebPushError).toBe(WebPushError);
});

test('a member can be replaced in a test, as in web-push', () => {
  const { sendNotification } = webpush;
  webpush.sendNotification = async () => ({ statusCode: 299, body: '', headers: {} });
  expect(webpush.sendNotification).not.toBe(sendNotification);
  webpush.sendNotification = sendNotification;
});

test.each([
  [
    'import',
    ['--input-type=module'],
    "import webpush, { importSubscriptions, sendNotification } from '@belfry/web-push';",
  ],
  [
    'import of all',
    ['--input-type=module'],
    "import * as webpush from '@belfry/web-push'; const { sendNotification, importSubscriptions } = webpush;",
  ],
  [
    'require',
    ['--input-type=commonjs'],
    "const webpush = require('@belfry/web-push'); const { sendNotification, importSubscriptions } = webpush;",
  ],
])('%s gives an object with the functions', async (_name, flags, statement) => {
  const print =
    'console.log(typeof webpush.setVapidDetails, typeof sendNotification, typeof importSubscriptions, webpush.generateVAPIDKeys().publicKey.length)';
  // A package finds itself by its own name, from any file in its folder.
  const { stdout } = await run(
    process.execPath,
    ['--conditions=@belfry/source', ...flags, '--eval', `${statement} ${print}`],
    { cwd: join(import.meta.dirname, '..') },
  );
  expect(stdout).toBe('function function function 87\n');
});
