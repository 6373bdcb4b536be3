/**
 * So many users, whose devices have the same fault, are a sign that their push service has it. A few people with second accounts are
 * not enough, and whoever is signed in can make up devices.
 *
 * - `proven`: their devices have accepted a message before
 * - `unproven`: nobody knows that, as for all devices of an installation that has only begun
 */
export const AGREEING_USERS = { proven: 3, unproven: 16 } as const;
