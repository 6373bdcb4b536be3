import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type FakePage, fakePage } from './fake-page.test-data.ts';
import { FOREIGN_KEY, OTHER_KEY, PUBLIC_KEY } from './fake-server.test-data.ts';
import { createPushClient, type PushClient } from './push-client.ts';

// In all of these an unhandled rejection fails the run.

type Tab = 0 | 1;
type Step =
  | { readonly does: 'refresh' | 'enable' | 'disable' | 'logout' | 'reload'; readonly tab: Tab }
  | { readonly does: 'identify'; readonly tab: Tab; readonly user: string }
  | { readonly does: 'network'; readonly is: 'up' | 'down' | 'mute' }
  | { readonly does: 'permission'; readonly permission: NotificationPermission }
  | { readonly does: 'lose' | 'prune' | 'forget' | 'rotate' | 'foreign' | 'online' | 'focus' };

/** A browser with two tabs. With cookies both are always the same user; with tokens each is who it was told last. */
interface World {
  readonly page: FakePage;
  readonly tabs: [PushClient, PushClient];
  readonly told: [string | null, string | null];
  readonly identity: 'cookies' | 'tokens';
  /** Whose messages may be shown: of who was identified, or clicked, last. */
  owner: string | null;
}

const tab = fc.constantFrom<Tab[]>(0, 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constantFrom('refresh', 'enable', 'disable', 'logout', 'reload'), tab }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('identify'), tab, user: fc.constantFrom('ada', 'bob') }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('network'), is: fc.constantFrom('up', 'down', 'mute') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('permission'),
      permission: fc.constantFrom<NotificationPermission[]>('granted', 'denied', 'default'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom('lose', 'prune', 'forget', 'rotate', 'foreign', 'online', 'focus'),
    }),
  },
);
/** Most of it needs a browser that is enabled. */
const beginning = fc.constantFrom<Step[][]>(
  [],
  [
    { does: 'identify', tab: 0, user: 'ada' },
    { does: 'enable', tab: 0 },
  ],
);
const identity = fc.constantFrom<World['identity'][]>('cookies', 'tokens');

function newWorld(how: World['identity']): World {
  const page = fakePage();
  page.server.user = how === 'cookies' ? 'ada' : null;
  const world: World = {
    page,
    tabs: [createPushClient(), createPushClient()],
    told: [null, null],
    identity: how,
    owner: page.server.user,
  };
  load(world, 0);
  load(world, 1);
  return world;
}

function load({ page, tabs, told, identity: how }: World, loaded: Tab): void {
  const { environment } = page;
  const { navigator } = environment;
  // The page that was there before hears nothing any more.
  const ifOpen = (listener: () => void) => () => {
    if (tabs[loaded] === client) listener();
  };
  const client = createPushClient({
    records: page.records,
    environment: {
      ...environment,
      addEventListener: (type, listener) => environment.addEventListener(type, ifOpen(listener)),
      navigator: {
        ...navigator,
        permissions: {
          async query(descriptor) {
            const found = await navigator.permissions?.query(descriptor);
            return { addEventListener: (type, listener) => found?.addEventListener(type, ifOpen(listener)) };
          },
        },
      },
    },
    ...(how === 'tokens' && { token: () => `of ${told[loaded] ?? ''}` }),
  });
  told[loaded] = null;
  tabs[loaded] = client;
}

/** Who has no token yet cannot. And where a page still shows somebody whose cookies are gone, only the server could tell who clicks. */
function mayClick({ identity: how, told, page }: World, clicked: Tab): boolean {
  const user = told[clicked];
  return how === 'tokens' ? user !== null : user === null || user === page.server.user;
}

async function take(world: World, taken: Step): Promise<unknown> {
  const { page, tabs, told } = world;
  const { server, push } = page;
  switch (taken.does) {
    case 'refresh':
      return tabs[taken.tab].refresh();
    case 'enable':
      if (!mayClick(world, taken.tab)) return tabs[taken.tab].refresh();
      // A click speaks for whoever that tab knows, unless another was told since.
      if (world.identity === 'tokens' && !page.record?.user) world.owner = told[taken.tab];
      return tabs[taken.tab].enable();
    case 'disable':
      return tabs[taken.tab].disable();
    case 'logout': {
      told[taken.tab] = null;
      world.owner = null;
      // As the app should do it: here first, then at the server.
      await tabs[taken.tab].logout();
      server.user = null;
      return;
    }
    case 'reload':
      load(world, taken.tab);
      return tabs[taken.tab].refresh();
    case 'identify':
      told[taken.tab] = taken.user;
      world.owner = taken.user;
      if (world.identity === 'cookies') server.user = taken.user;
      return tabs[taken.tab].identify(taken.user);
    case 'network':
      server.isDown = taken.is === 'down';
      server.isMute = taken.is === 'mute';
      return;
    case 'permission':
      return page.changePermission(taken.permission);
    case 'lose':
      push.subscription = null;
      return;
    case 'prune':
      server.gone.add(push.subscription?.endpoint);
      return;
    case 'forget':
      server.devices = [];
      return;
    case 'rotate':
      server.keys = server.keys[0] === PUBLIC_KEY ? [OTHER_KEY, PUBLIC_KEY] : [PUBLIC_KEY, OTHER_KEY];
      return;
    case 'foreign':
      if (page.permission === 'granted') push.subscribeElsewhere(FOREIGN_KEY);
      return;
    case 'online':
    case 'focus':
      return page.fire(taken.does);
  }
}

/** The user whose messages the worker shows; null: nobody's. */
function boundTo({ record }: FakePage): string | null {
  return record?.confirmed?.binding.replace(/^\w+ of /, '') ?? null;
}

function expectAgreement({ push, record, server }: FakePage): void {
  const { endpoint } = push.subscription ?? {};
  expect(record?.confirmed?.endpoint).toBe(endpoint);
  const { deviceId, binding, vapidPublicKey } = record?.confirmed ?? {};
  expect(server.devices.filter((device) => device.endpoint === endpoint)).toMatchObject([
    { deviceId, binding, vapidPublicKey, deviceSecret: record?.deviceSecret },
  ]);
}

/** Everything works again, and the user of a tab is known: whoever enabled push has it. */
async function expectMended(world: World, settled: (work: Promise<unknown>) => Promise<unknown>): Promise<void> {
  const { page, tabs } = world;
  await settled(take(world, { does: 'network', is: 'up' }));
  await settled(take(world, { does: 'permission', permission: 'granted' }));
  await settled(take(world, { does: 'identify', tab: 0, user: 'ada' }));
  await settled(tabs[0].refresh());
  const isEnabled = page.record?.intent === 'on';
  expect([tabs[0].state.status === 'on', boundTo(page)]).toEqual([isEnabled, isEnabled ? 'ada' : null]);
  if (isEnabled) expectAgreement(page);
  expect(page.record?.leaving ?? []).toEqual([]);

  expect(await settled(tabs[0].enable())).toMatchObject({ outcome: 'on' });
  expectAgreement(page);
  const { endpoint } = page.push.subscription ?? {};
  expect(await settled(tabs[0].logout())).toEqual({ outcome: 'signed-out', server: null });
  expect(boundTo(page)).toBeNull();
  expect(page.push.subscription).toBeNull();
  expect(page.server.devices.filter((device) => device.endpoint === endpoint)).toEqual([]);
}

const { port1, port2 } = new MessageChannel();
afterAll(() => port1.close());

/** By then all is over that events began, as nothing takes any time unless a test says so. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    port1.addEventListener('message', () => resolve(), { once: true });
    port1.start();
    port2.postMessage(null);
  });
}

test('whatever happens, one thing after the other: no state lies, and nobody’s messages go to somebody else', async () => {
  await fc.assert(
    fc.asyncProperty(identity, beginning, fc.array(step, { maxLength: 30, size: 'max' }), async (how, first, steps) => {
      const world = newWorld(how);
      const { page, tabs } = world;
      const settled = async (work: Promise<unknown>): Promise<unknown> => {
        const result = await work;
        await nextTurn();
        return result;
      };
      for (const taken of [...first, ...steps]) {
        // oxlint-disable-next-line no-await-in-loop -- one thing after the other
        await settled(take(world, taken));
        const owner = how === 'cookies' ? page.server.user : world.owner;
        expect([null, owner]).toContain(boundTo(page));
        if (!('tab' in taken) || tabs[taken.tab].state.status !== 'on') continue;
        expect(page.permission).toBe('granted');
        expect(page.record?.confirmed?.endpoint).toBe(page.push.subscription?.endpoint);
        const isKnown = how === 'cookies' ? page.server.user !== null : world.told[taken.tab] !== null;
        if (isKnown && !page.server.isDown && !page.server.isMute) expectAgreement(page);
      }
      await expectMended(world, settled);
    }),
    { numRuns: 1000 },
  );
});

test('whatever happens at the same time, in whatever order it is answered, all is well in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      identity,
      beginning,
      fc.array(step, { maxLength: 12, size: 'max' }),
      async (scheduler, how, first, steps) => {
        const world = newWorld(how);
        for (const taken of first) await take(world, taken);
        world.page.latency = () => scheduler.schedule(Promise.resolve());
        const begun = steps.map((taken) => take(world, taken));
        const settled = async (work: Promise<unknown>): Promise<unknown> => {
          const result = await scheduler.waitFor(work);
          await scheduler.waitIdle();
          return result;
        };
        await settled(Promise.all(begun));
        await expectMended(world, settled);
        expect(scheduler.count()).toBe(0);
      },
    ),
    { numRuns: 1000 },
  );
});
