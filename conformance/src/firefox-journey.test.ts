import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firefoxJourney } from './firefox-journey.ts';

test('a message reaches both browsers of a user, a click opens its conversation, a lost device is pruned', async () => {
  const pictures = new Map<string, Uint8Array>();
  const journey = await firefoxJourney({
    step: () => {},
    picture: async (name, png) => {
      pictures.set(name, png);
    },
  });
  expect(journey).toEqual({
    name: 'firefox',
    version: expect.stringMatching(/^\d+\.\d+/),
    devices: 2,
    accepted: 2,
    shown: 2,
    clicked: 1,
    pruned: 1,
    ms: { subscribe: expect.any(Number), notifyToShown: expect.any(Number) },
  });

  expect([...pictures.keys()].toSorted()).toEqual(['conversation', 'enable', 'notification']);
  for (const png of pictures.values()) expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
  // `npm run screenshots` keeps them for the documentation.
  const folder = process.env['BELFRY_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await Promise.all([...pictures].map(([name, png]) => writeFile(join(folder, `chat-${name}.png`), png)));
}, 120_000);
