import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { browserJourney } from './browser-journey.ts';
import { CHROMIUM, FIREFOX } from './journey-browsers.ts';

vi.setConfig({ testTimeout: 120_000 });

const whole = (name: string) => ({
  name,
  version: expect.stringMatching(/^\d+\.\d+/),
  devices: 2,
  accepted: 2,
  shown: 2,
  clicked: 1,
  pruned: 1,
  ms: { subscribe: expect.any(Number), notifyToShown: expect.any(Number) },
});

test('in Firefox a message reaches both browsers of a user, a click opens its conversation, a lost device is pruned', async () => {
  const pictures = new Map<string, Uint8Array>();
  const picture = async (name: string, png: Uint8Array): Promise<void> => void pictures.set(name, png);
  expect(await browserJourney(FIREFOX, { step: () => {}, picture })).toEqual(whole('firefox'));

  expect([...pictures.keys()].toSorted()).toEqual(['conversation', 'enable', 'notification']);
  for (const png of pictures.values()) expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
  // `npm run screenshots` keeps them for the documentation.
  const folder = process.env['BELFRY_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await Promise.all([...pictures].map(([name, png]) => writeFile(join(folder, `chat-${name}.png`), png)));
});

test('in Chromium it does the same', async () => {
  expect(await browserJourney(CHROMIUM, { step: () => {} })).toEqual(whole('chromium'));
});
