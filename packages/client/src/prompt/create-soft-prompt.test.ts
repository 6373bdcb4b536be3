import { describe, expect, test } from 'vitest';
import { PushClientError } from '../push-client-error.ts';
import type { PushState } from '../push-results.ts';
import { createSoftPrompt } from './create-soft-prompt.ts';
import { fakePush } from './fake-push.test-data.ts';
import { DAY_MS, fakeTabs } from './fake-tabs.test-data.ts';

function promptable() {
  const push = fakePush();
  const tabs = fakeTabs();
  return { push, tabs, prompt: createSoftPrompt(push, { environment: tabs.open() }) };
}

test('making one touches neither the browser nor the push client', () => {
  const push = fakePush();
  expect(createSoftPrompt(push).isDue).toBeTypeOf('function');
  expect(push).toMatchObject({ listening: 0, enabled: 0 });
});

describe('it is due where push could be enabled', () => {
  test.each<[PushState['status'], boolean]>([
    ['unknown', false],
    ['unsupported', false],
    ['insecure', false],
    ['needs-install', false],
    ['blocked', false],
    ['promptable', true],
    ['off', true],
    ['on', false],
    ['broken', false],
  ])('%s: %s', (status, expected) => {
    const push = fakePush();
    push.show(status === 'broken' ? { status, reason: 'unconfirmed' } : { status });
    expect(createSoftPrompt(push, { environment: fakeTabs().open() }).isDue()).toBe(expected);
  });

  test('and, where that is asked for, where the app has to be installed first', () => {
    const options = { offerInstall: true, environment: fakeTabs().open() };
    expect(createSoftPrompt(fakePush('needs-install'), options).isDue()).toBe(true);
  });
});

describe('after a "no" it rests', () => {
  test('for 7 days, then 30, then 90, then for good', () => {
    const { tabs, prompt } = promptable();
    for (const days of [7, 30, 90]) {
      prompt.decline();
      tabs.nowMs += days * DAY_MS - 1;
      expect(prompt.isDue()).toBe(false);
      tabs.nowMs += 1;
      expect(prompt.isDue()).toBe(true);
    }
    prompt.decline();
    tabs.nowMs += 10_000 * DAY_MS;
    expect(prompt.isDue()).toBe(false);
  });

  test('for as long as the app says', () => {
    const tabs = fakeTabs();
    const prompt = createSoftPrompt(fakePush(), { backOffDays: [1], environment: tabs.open() });
    prompt.decline();
    tabs.nowMs += DAY_MS;
    expect(prompt.isDue()).toBe(true);
    prompt.decline();
    tabs.nowMs += 10_000 * DAY_MS;
    expect(prompt.isDue()).toBe(false);
  });

  test('and a second "no" in that time is the same one', () => {
    const { tabs, prompt } = promptable();
    prompt.decline();
    tabs.nowMs += 6 * DAY_MS;
    prompt.decline();
    tabs.nowMs += DAY_MS;
    expect(prompt.isDue()).toBe(true);
  });

  test('in every tab and at every page load, until it is reset', () => {
    const { push, tabs, prompt } = promptable();
    const other = createSoftPrompt(push, { environment: tabs.open() });
    prompt.decline();
    expect(other.isDue()).toBe(false);
    expect(createSoftPrompt(push, { environment: tabs.open() }).isDue()).toBe(false);
    other.reset();
    expect(prompt.isDue()).toBe(true);
  });
});

describe('accepting', () => {
  test('asks the browser in the same turn, while the click counts', async () => {
    const { push, prompt } = promptable();
    const accepted = prompt.accept();
    expect(push.enabled).toBe(1);
    expect(await accepted).toEqual({ outcome: 'on', deviceId: 'd1' });
  });

  test.each(['denied', 'dismissed', 'needs-install'] as const)('is a "no" where it ends as %s', async (outcome) => {
    const { push, tabs, prompt } = promptable();
    push.answer = { result: { outcome }, state: { status: 'promptable' } };
    expect(await prompt.accept()).toEqual({ outcome });
    tabs.nowMs += 7 * DAY_MS - 1;
    expect(prompt.isDue()).toBe(false);
    tabs.nowMs += 1;
    expect(prompt.isDue()).toBe(true);
  });

  test('is no "no" where it failed', async () => {
    const { push, prompt } = promptable();
    const error = new PushClientError('server-unreachable');
    push.answer = { result: { outcome: 'failed', error }, state: { status: 'broken', reason: error.code } };
    await prompt.accept();
    expect(prompt.isDue()).toBe(false);
    push.show({ status: 'off' });
    expect(prompt.isDue()).toBe(true);
  });

  test('is for good where push is on: who turns it off is not asked again', async () => {
    const { push, tabs, prompt } = promptable();
    await prompt.accept();
    push.show({ status: 'off' });
    tabs.nowMs += 10_000 * DAY_MS;
    expect(prompt.isDue()).toBe(false);
  });
});

test('where the app has enabled push by itself, it is not due any more either', () => {
  const { push, tabs, prompt } = promptable();
  push.show({ status: 'on' });
  expect(prompt.isDue()).toBe(false);
  push.show({ status: 'off' });
  expect(prompt.isDue()).toBe(false);
  expect(createSoftPrompt(push, { environment: tabs.open() }).isDue()).toBe(false);
});

describe('a listener', () => {
  test('hears at once, at each change, from other tabs too, and no more after it left', () => {
    const { push, tabs, prompt } = promptable();
    const other = createSoftPrompt(push, { environment: tabs.open() });
    const heard: boolean[] = [];
    const leave = prompt.onChange((isDue) => heard.push(isDue));
    push.show({ status: 'off' });
    prompt.decline();
    prompt.reset();
    other.decline();
    other.reset();
    push.show({ status: 'blocked' });
    expect(heard).toEqual([true, false, true, false, true, false]);
    leave();
    push.show({ status: 'promptable' });
    other.decline();
    other.reset();
    prompt.decline();
    prompt.reset();
    expect(heard).toHaveLength(6);
    expect(push.listening).toBe(0);
  });

  test('hears that the browser’s prompt was dismissed', async () => {
    const { push, prompt } = promptable();
    push.answer = { result: { outcome: 'dismissed' }, state: { status: 'promptable' } };
    const heard: boolean[] = [];
    prompt.onChange((isDue) => heard.push(isDue));
    await prompt.accept();
    expect(heard).toEqual([true, false]);
  });
});

describe('the memory', () => {
  test('is one versioned text in localStorage', () => {
    const { tabs, prompt } = promptable();
    prompt.decline();
    const [[key, text = ''] = []] = tabs.stored;
    expect(key).toBe('belfry:prompt');
    expect(JSON.parse(text)).toEqual({ v: 1, declines: 1, declinedAt: tabs.nowMs, isDone: false });
  });

  test.each([
    '',
    'no JSON',
    'null',
    '[]',
    '7',
    '{"v":2,"declines":1,"declinedAt":1795219200000,"isDone":true}',
    '{"v":1,"declines":"1","declinedAt":1795219200000,"isDone":true}',
    '{"v":1,"declines":1.5,"declinedAt":1795219200000,"isDone":true}',
    '{"v":1,"declines":-1,"declinedAt":1795219200000,"isDone":true}',
    '{"v":1,"declines":1,"isDone":true}',
  ])('takes %j for none, and is written anew', (text) => {
    const { tabs, prompt } = promptable();
    tabs.stored.set('belfry:prompt', text);
    expect(prompt.isDue()).toBe(true);
    prompt.decline();
    expect(prompt.isDue()).toBe(false);
  });

  test.each([[['write']], [['read', 'write']]] as const)(
    'lasts as long as the page where the browser refuses to %j',
    async (refused) => {
      const { push, tabs, prompt } = promptable();
      for (const what of refused) tabs.refused.add(what);
      expect(prompt.isDue()).toBe(true);
      prompt.decline();
      expect(prompt.isDue()).toBe(false);
      prompt.reset();
      expect(prompt.isDue()).toBe(true);
      await prompt.accept();
      push.show({ status: 'off' });
      expect(prompt.isDue()).toBe(false);
      expect(createSoftPrompt(push, { environment: tabs.open() }).isDue()).toBe(true);
    },
  );

  test('is the stored one again as soon as the browser stores', () => {
    const { tabs, prompt } = promptable();
    tabs.refused.add('write');
    prompt.decline();
    tabs.refused.clear();
    prompt.reset();
    expect(prompt.isDue()).toBe(true);
  });
});
