/**
 * Over HTTP/2 the requests of each lane have connections of their own, since a request for which the push service ends the connection
 * takes the others on it with it. Whoever is signed in can make up such endpoints.
 *
 * - `proven`: for devices that have accepted a message before, and for the application itself
 * - `unproven`: for other devices
 * - `failing`: for users whose last request had no response
 * - `suspect`, `close-suspect`, `alone`: for users whose connection ended with requests of others on it. Only few users share a connection
 *   there, so each end narrows down whose request is the cause
 */
export const LANES = ['proven', 'unproven', 'failing', 'suspect', 'close-suspect', 'alone'] as const;
export type Lane = (typeof LANES)[number];

/**
 * How many users a connection may have in the lanes of suspects. 95 users of a push service that is 100 ms away waited for up to 31 s where
 * each had a connection alone at once, since a connection takes four times as long to open.
 */
const USERS_PER_CONNECTION: Partial<Record<Lane, number>> = { suspect: 32, 'close-suspect': 6, alone: 1 };

/** How many connections each lane of suspects has. */
export const SUSPECT_CONNECTIONS = 8;

/** How many users a connection of this lane may have in all its time. */
export function usersPerConnection(lane: Lane): number {
  return USERS_PER_CONNECTION[lane] ?? Number.POSITIVE_INFINITY;
}

/** Whether only few users share a connection of this lane. */
export function isForSuspects(lane: Lane): boolean {
  return lane in USERS_PER_CONNECTION;
}

/**
 * The lane of users whose connection ended: the one with the fewest users on each connection that has room for all of them at once.
 *
 * @param lane the lane in which the user was
 * @param users how many users may be the cause
 */
export function laneAfterEnd(lane: Lane, users: number): Lane {
  const hasRoomIn = (next: Lane): boolean => users <= SUSPECT_CONNECTIONS * usersPerConnection(next);
  if (lane === 'alone' || lane === 'close-suspect' || hasRoomIn('alone')) return 'alone';
  return lane === 'suspect' || hasRoomIn('close-suspect') ? 'close-suspect' : 'suspect';
}

/** The lane of these with fewer users on each connection. */
export function narrower(one: Lane, other: Lane): Lane {
  return usersPerConnection(one) < usersPerConnection(other) ? one : other;
}
