import { expect, test } from 'vitest';
import { findChromium } from './find-chromium.ts';

test('BELFRY_CHROMIUM names the executable', async () => {
  const environment = { ...process.env, BELFRY_CHROMIUM: process.execPath };
  expect(await findChromium({ environment })).toEqual({ executablePath: process.execPath });
});

test('the Chromium or Chrome of this machine is found', async () => {
  expect((await findChromium()).executablePath).toMatch(/chrom/i);
});
