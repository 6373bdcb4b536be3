import { branded } from '@belfry/protocol';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { checkVapidDetails } from './vapid-details.ts';
import { VapidTokens } from './vapid-tokens.ts';
import { generateVAPIDKeys } from './web-push.ts';

const AUDIENCE = branded<string, 'PushServiceOrigin'>('https://push.example.net');
const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const details = checkVapidDetails({ subject: 'mailto:a@example.org', ...generateVAPIDKeys() }, () => {});

function tokensAt(startMs: number): { tokens: VapidTokens; set(nowMs: number): void } {
  let now = startMs;
  return { tokens: new VapidTokens(() => now), set: (nowMs) => void (now = nowMs) };
}

test('a token is used again for an hour, so that whoever gets one has it for 11 h at least', () => {
  const { tokens, set } = tokensAt(START_MS);
  const first = tokens.recent(AUDIENCE, details);
  set(START_MS + HOUR_MS - 1);
  expect(tokens.recent(AUDIENCE, details)).toBe(first);
  expect(decodeJwt(first).exp).toBe((START_MS + 12 * HOUR_MS) / 1000);
  set(START_MS + HOUR_MS);
  expect(decodeJwt(tokens.recent(AUDIENCE, details)).exp).toBe((START_MS + 13 * HOUR_MS) / 1000);
});

test('a clock that was set back gets a token of its own time', () => {
  const { tokens, set } = tokensAt(START_MS);
  tokens.recent(AUDIENCE, details);
  set(START_MS - 24 * HOUR_MS);
  expect(decodeJwt(tokens.recent(AUDIENCE, details)).exp).toBe((START_MS - 12 * HOUR_MS) / 1000);
});

test('another private key signs another token', () => {
  const { tokens } = tokensAt(START_MS);
  const others = checkVapidDetails({ ...details, ...generateVAPIDKeys() }, () => {});
  expect(tokens.recent(AUDIENCE, others)).not.toBe(tokens.recent(AUDIENCE, details));
});
