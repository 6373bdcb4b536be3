import { expect, test } from 'vitest';
import { type BelfryOptions, checkOptions } from './belfry-options.ts';

const options: BelfryOptions = {
  store: () => Promise.reject(new Error('not opened here')),
  subject: 'mailto:ops@example.com',
  origins: ['https://app.example.com/', 'http://localhost:8787'],
  authenticate: () => null,
};

test('origins are kept without a slash, and the prefix too', () => {
  expect(checkOptions({ ...options, prefix: '/push/' })).toMatchObject({
    origins: ['https://app.example.com', 'http://localhost:8787'],
    prefix: '/push',
  });
});

test.each<[string, Partial<BelfryOptions>]>([
  ['subject', { subject: 'mailto:me@localhost' }],
  ['origins', { origins: [] }],
  ['origins', { origins: ['https://app.example.com/path'] }],
  ['origins', { origins: ['app.example.com'] }],
  ['prefix', { prefix: 'api push' }],
  ['defaultNotification', { defaultNotification: { title: '' } }],
  ['defaultNotification', { defaultNotification: { title: 'News', url: 'https://elsewhere.example' } }],
  ['defaultNotification', { defaultNotification: { title: 'News', icon: 'data:image/png;base64,AA' } }],
  ['defaultNotification', { defaultNotification: { title: 'News', body: 'ü'.repeat(2000) } }],
  // TypeScript says so too, unless it comes from elsewhere.
  ['defaultNotification', JSON.parse('{ "defaultNotification": { "title": "News", "image": "/i.png" } }')],
  ['API key', { apiKeys: ['short'] }],
  ['proxy', { proxy: 'https://proxy.example:3128' }],
  ['proxy', { proxy: 'http://proxy.example:3128/path' }],
  ['proxy', { proxy: 'http://us%er:secret@proxy.example' }],
  [
    'development push service',
    {
      developmentPushServices: [
        {
          endpointOrigins: ['https://push.example'],
          address: { host: '93.184.216.34', port: 443 },
          certificateAuthority: '',
        },
      ],
    },
  ],
])('a bad %s is told by its name: %#', (name, change) => {
  expect(() => checkOptions({ ...options, ...change })).toThrowError(
    expect.objectContaining({ id: 'invalid-configuration', message: expect.stringContaining(name) }),
  );
});

test('without a notification of its own, an application shows where its pages are', () => {
  expect(checkOptions(options).defaultNotification).toEqual({ title: 'app.example.com' });
  const defaultNotification = {
    title: 'News',
    body: 'There is some.',
    url: '/news',
    icon: 'https://cdn.example/i.png',
  };
  expect(checkOptions({ ...options, defaultNotification }).defaultNotification).toEqual(defaultNotification);
});

test('a proxy is read with its credentials, and its password is in no message', () => {
  expect(checkOptions({ ...options, proxy: 'http://ada:p%40ss@[::1]:3128' }).proxy).toEqual({
    host: '::1',
    port: 3128,
    authorization: `Basic ${Buffer.from('ada:p@ss').toString('base64')}`,
  });
  expect(checkOptions({ ...options, proxy: 'http://proxy.example' }).proxy).toMatchObject({
    host: 'proxy.example',
    port: 80,
    authorization: undefined,
  });
  expect(() => checkOptions({ ...options, proxy: 'ftp://ada:secret@proxy' })).toThrowError(/^(?!.*secret)/);
});
