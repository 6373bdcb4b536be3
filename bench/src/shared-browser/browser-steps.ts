import { branded } from '@belfry/protocol';
import { randomBytes, randomUUID } from 'node:crypto';
import { type Answer, ask, type Browser, newSecret, subscribe, type World } from './world.ts';

/** As the page SDK's `identify()` and `logout()` change the record: a new secret, and the device is nobody's. */
function withoutUser(browser: Browser): void {
  const { record, subscription } = browser;
  const { confirmed, deviceSecret } = record;
  if (confirmed && subscription) browser.formerEndpoint = subscription.endpoint;
  if (confirmed) record.leaving.push({ deviceId: confirmed.deviceId, deviceSecret });
  record.deviceSecret = newSecret();
  record.user = null;
  record.confirmed = null;
}

async function leave(world: World, { record }: Browser, user: string): Promise<void> {
  for (const body of record.leaving.splice(0))
    await ask(world, { method: 'DELETE', path: '/subscribe', body }, { user });
}

export async function signIn(world: World, browser: Browser, user: string, identify: boolean): Promise<void> {
  const { record, subscription } = browser;
  browser.signedIn = user;
  browser.session = randomUUID();
  browser.users.add(user);
  const { confirmed, deviceSecret } = record;
  browser.found = confirmed && subscription && { deviceId: confirmed.deviceId, deviceSecret, subscription };
  if (!identify) return;
  if (record.user !== user && (record.user ?? confirmed)) withoutUser(browser);
  record.user = user;
  await refresh(world, browser);
  await leave(world, browser, user);
}

/**
 * What the page's `refresh()` and the worker's `SUBSCRIBE` do: post what the record has and, where the server asks for a new
 * subscription or a new secret, post again with what it asked for. Each is done once, and both at once where both are asked for.
 */
export async function refresh(world: World, browser: Browser): Promise<void> {
  const user = browser.signedIn;
  if (user === null) return;
  let [isRenewed, isSecretNew] = [false, false];
  for (;;) {
    const { record } = browser;
    const answer = await post(world, browser, user);
    const { deviceId, renew, renewSecret } = answer.data;
    const isMoved = answer.status === 201 && record.confirmed !== null && deviceId !== record.confirmed.deviceId;
    const needsSecret = renewSecret === true || answer.errorId === 'secret-retired' || (isMoved && !isSecretNew);
    const needsRenewal = (renew === true || answer.status === 409) && !isRenewed;
    if (answer.status === 201) confirm(world, browser, user, answer);
    else if (needsSecret) record.confirmed = null;
    if (!needsSecret && !needsRenewal) {
      if (answer.status !== 201)
        throw new Error(`${user} cannot subscribe: ${answer.status} ${String(answer.errorId)}`);
      if (renew === true) throw new Error('a new subscription is to be renewed');
      return;
    }
    if (needsSecret && isSecretNew) throw new Error('a new secret was refused');
    if (needsSecret) record.deviceSecret = newSecret();
    if (needsRenewal) browser.subscription = null;
    isSecretNew ||= needsSecret;
    isRenewed ||= needsRenewal;
  }
}

/** The page is closed before it can do what the server asks for. */
export async function refreshCutShort(world: World, browser: Browser): Promise<void> {
  const user = browser.signedIn;
  if (user === null) return;
  const answer = await post(world, browser, user);
  if (answer.status !== 201) return;
  confirm(world, browser, user, answer);
  if (answer.data['renewSecret'] === true) browser.record.deviceSecret = newSecret();
}

async function post(world: World, browser: Browser, user: string): Promise<Answer> {
  if (browser.subscription?.endpoint === browser.formerEndpoint) browser.subscription = null;
  browser.subscription ??= subscribe(world, browser);
  const body = {
    ...browser.subscription,
    deviceId: browser.record.confirmed?.deviceId,
    deviceSecret: browser.record.deviceSecret,
    scope: `https://app.example.com/`,
  };
  return await ask(world, { method: 'POST', path: '/subscribe', body }, { user, session: browser.session });
}

/** From now on its user knows the device and, where the one before did not sign out, what was found there. */
function confirm(world: World, browser: Browser, user: string, { data }: Answer): void {
  const { record, subscription, found } = browser;
  const deviceId = String(data['deviceId']);
  record.confirmed = { deviceId, binding: String(data['binding']) };
  browser.confirmedFor = user;
  const notes = world.notes.get(user);
  if (subscription) notes?.push({ deviceId, deviceSecret: record.deviceSecret, subscription });
  if (found) notes?.push(found);
  browser.found = null;
}

export async function logout(world: World, browser: Browser): Promise<void> {
  const user = browser.signedIn;
  if (user === null) return;
  withoutUser(browser);
  browser.confirmedFor = null;
  browser.subscription = null;
  await leave(world, browser, user);
  browser.signedIn = null;
}

export async function endSession(world: World, browser: Browser): Promise<void> {
  if (browser.signedIn === null) return;
  await world.belfry.endSession(browser.session);
  browser.signedIn = null;
}

/** The browser changed its subscription while no page was open, and its worker tells the server. */
export async function resubscribe(world: World, browser: Browser): Promise<void> {
  const { record } = browser;
  if (browser.subscription === null || record.confirmed === null) return;
  browser.subscription = subscribe(world, browser);
  const { deviceId } = record.confirmed;
  const body = { deviceId, deviceSecret: record.deviceSecret, ...browser.subscription };
  // Of the user before, who did not sign out, it is not the next one's to repeat until the server has heard of that one.
  const user = browser.confirmedFor === browser.signedIn ? browser.signedIn : null;
  await ask(world, { method: 'POST', path: '/resubscribe', body }, { user });
}

/** The push service says that the browser's subscription is gone. */
export async function prune(world: World, browser: Browser): Promise<void> {
  const { subscription } = browser;
  if (subscription === null) return;
  browser.subscription = null;
  const now = 1_700_000_000_000;
  const enqueued = await world.store.enqueueMessage({
    id: branded(randomUUID()),
    audience: { kind: 'users', userIds: world.users.map((user) => branded(user)) },
    content: '{}',
    receiptKey: new Uint8Array(randomBytes(16)),
    now,
    runAt: now,
    ttlMs: 60_000,
    expiresAt: null,
    collapseKey: null,
    idempotency: null,
    devicesPerSecond: null,
    leaseMs: 60_000,
  });
  if (enqueued.outcome !== 'sending') throw new Error('a message to users is sent at once');
  await world.store.recordResults(
    enqueued.deliveries.map(({ message: { seq }, device: { id: deviceId, endpoint }, lease }) => {
      const isGone = endpoint === subscription.endpoint;
      return { seq, deviceId, lease, now, ...(isGone ? { state: 'gone', endpoint } : { state: 'accepted' }) };
    }),
  );
}
