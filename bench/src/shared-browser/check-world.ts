import { attack } from './attack.ts';
import { endSession, logout, prune, refresh, refreshCutShort, resubscribe, signIn } from './browser-steps.ts';
import type { Step } from './step.ts';
import { type Browser, liveDevices, proves, type World } from './world.ts';

/** Takes a step and throws where somebody could read, or stop, what is another's. */
export async function takeAndCheck(world: World, step: Step): Promise<void> {
  const before = step.does === 'attack' ? await othersDevices(world, userOf(world, step.user)) : undefined;
  await take(world, step);
  await expectSafe(world);
  if (step.does === 'attack' && before !== (await othersDevices(world, userOf(world, step.user)))) {
    throw new Error('an attack changed the device of another user');
  }
}

/** Every signed-in user whose browser follows the protocol gets their own messages there. */
export async function expectServed(world: World): Promise<void> {
  for (const browser of world.browsers) {
    const { signedIn, record } = browser;
    if (signedIn === null) continue;
    await refresh(world, browser);
    const own = (await liveDevices(world)).filter(
      ([user, { endpoint, binding }]) =>
        user === signedIn && endpoint === browser.subscription?.endpoint && binding === record.confirmed?.binding,
    );
    if (own.length !== 1) throw new Error('a browser that follows the protocol is not its user’s device');
    if (!(await proves(world, browser))) throw new Error('a browser that follows the protocol cannot prove its device');
  }
  await expectSafe(world);
}

async function take(world: World, step: Step): Promise<void> {
  if (step.does === 'attack') return await attack(world, { ...step, user: userOf(world, step.user) });
  const browser = world.browsers[step.browser];
  if (browser === undefined) throw new Error('there is such a browser');
  switch (step.does) {
    case 'sign-in':
      return await signIn(world, browser, userOf(world, step.user), step.identify);
    case 'refresh':
    case 'worker':
      return await refresh(world, browser);
    case 'refresh-cut-short':
      return await refreshCutShort(world, browser);
    case 'logout':
      return await logout(world, browser);
    case 'sign-out':
      browser.signedIn = null;
      return;
    case 'end-session':
      return await endSession(world, browser);
    case 'resubscribe':
      return await resubscribe(world, browser);
    case 'prune':
      return await prune(world, browser);
  }
}

function userOf({ users }: World, n: number): string {
  const user = users[n];
  if (user === undefined) throw new Error('there is such a user');
  return user;
}

/** Nobody but the bound user's browser gets a message. */
async function expectSafe(world: World): Promise<void> {
  for (const [user, { p256dh, binding }] of await liveDevices(world)) {
    const holder = world.holders.get(Buffer.from(p256dh).toString('base64url'));
    if (holder === undefined) throw new Error('a device has keys that nobody made');
    if (typeof holder === 'string') {
      if (holder !== user) throw new Error('a former user can read the messages of another user');
    } else if (!mayGet(holder, user, binding)) {
      throw new Error('a browser gets messages of a user who is not its own');
    }
  }
}

/** The worker shows a message only where the record has its binding. */
function mayGet({ users, record, confirmedFor }: Browser, user: string, binding: string): boolean {
  return users.has(user) && (record.confirmed?.binding !== binding || confirmedFor === user);
}

/**
 * Where everybody else's messages go, and which of the browsers can prove to be their device. Nobody who does not have the browser
 * moves, changes or removes any of these, whatever they noted while they had it.
 */
async function othersDevices(world: World, attacker: string): Promise<string> {
  const devices = (await liveDevices(world))
    .filter(([user]) => user !== attacker)
    .map(([user, { publicId, binding, endpoint }]) => [user, publicId, binding, endpoint]);
  const browsers = world.browsers.filter(({ confirmedFor }) => confirmedFor !== attacker);
  return JSON.stringify([devices, await Promise.all(browsers.map((browser) => proves(world, browser)))]);
}
