import { expect, test } from 'vitest';
import { createPushClient, type PushClient } from '../push-client.ts';
import { tellUser } from './tell-user.ts';

/** A client that notes what it is told. */
function noted(): { readonly client: PushClient; readonly calls: string[] } {
  const calls: string[] = [];
  const note = async (call: string) => {
    calls.push(call);
    return { status: 'off' } as const;
  };
  const client: PushClient = {
    ...createPushClient(),
    refresh: () => note('refresh'),
    identify: (user) => note(`identify ${user}`),
    async logout() {
      await note('logout');
      return { outcome: 'signed-out', server: null };
    },
  };
  return { client, calls };
}

type Told = string | null | undefined;

test.each<[what: string, told: readonly Told[], calls: readonly string[]]>([
  ['a client without a user looks once', [undefined, undefined, null], ['refresh']],
  ['nobody at the first load ends nothing', [null, null], ['refresh']],
  ['a user is identified once', ['ada', 'ada', undefined], ['identify ada']],
  ['a user whose session was loading is identified then', [undefined, 'ada'], ['refresh', 'identify ada']],
  ['another user takes the place of the first', ['ada', 'bo'], ['identify ada', 'identify bo']],
  ['nobody after a user logs out once', ['ada', null, null, undefined], ['identify ada', 'logout']],
  ['who comes back is identified again', ['ada', null, 'ada'], ['identify ada', 'logout', 'identify ada']],
])('%s', (_what, told, calls) => {
  const { client, calls: made } = noted();
  for (const user of told) tellUser(client, user);
  expect(made).toEqual(calls);
});

test('each client is told by itself', () => {
  const [one, other] = [noted(), noted()];
  for (const { client } of [one, other]) tellUser(client, 'ada');
  expect([one.calls, other.calls]).toEqual([['identify ada'], ['identify ada']]);
});
