import type { PushClient } from '../push-client.ts';

/** Whom each client was told of last: null is nobody. One that is not in here has not looked yet. */
const told = new WeakMap<PushClient, string | null>();

/**
 * Lets a client look once, and tells it of each change of the user once, however many components ask for that, and however often
 * they are mounted.
 *
 * @param user null: nobody is signed in, which ends the user's subscription if there was a user before; undefined: not known
 */
export function tellUser(client: PushClient, user?: string | null): void {
  const before = told.get(client);
  const now = user === undefined ? (before ?? null) : user;
  if (now === before) return;
  told.set(client, now);
  if (now !== null) void client.identify(now);
  else if (before === undefined) void client.refresh();
  else void client.logout();
}
