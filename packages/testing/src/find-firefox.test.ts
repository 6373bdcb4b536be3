import { expect, test } from 'vitest';
import { findFirefox } from './find-firefox.ts';

test('BELFRY_FIREFOX names the executable', async () => {
  const environment = { ...process.env, BELFRY_FIREFOX: process.execPath };
  expect(await findFirefox({ environment })).toEqual({ executablePath: process.execPath });
});

test('a BELFRY_FIREFOX that is no executable file is an error, not a reason to take another', async () => {
  await expect(findFirefox({ environment: { BELFRY_FIREFOX: '/no/such/firefox' } })).rejects.toMatchObject({
    code: 'browser-not-found',
    message: expect.stringContaining('/no/such/firefox'),
  });
});

test('the Firefox of this machine is found', async () => {
  expect((await findFirefox()).executablePath).toMatch(/firefox/i);
});
