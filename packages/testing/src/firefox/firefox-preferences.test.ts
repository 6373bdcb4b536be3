import { expect, test } from 'vitest';
import { firefoxPreferences, userJs } from './firefox-preferences.ts';

const pushService = { autopushUrl: 'ws://127.0.0.1:8788/' };

test('the push service is set, and push stays on under remote control', () => {
  const lines = userJs(firefoxPreferences({ pushService })).split('\n');
  expect(lines).toContain('user_pref("dom.push.serverURL", "ws://127.0.0.1:8788/");');
  expect(lines).toContain('user_pref("dom.push.connection.enabled", true);');
  expect(lines).toContain('user_pref("network.proxy.http_port", 9);');
});

test('without containment there is no proxy', () => {
  expect(Object.keys(firefoxPreferences({ pushService, containment: false })).join()).not.toContain('proxy');
});

test("the caller's preferences win", () => {
  const preferences = { 'dom.push.maxQuotaPerSubscription': 2 };
  expect(firefoxPreferences({ pushService, preferences })).toMatchObject(preferences);
});
