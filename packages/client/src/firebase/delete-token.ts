import type { Messaging } from './get-messaging.ts';
import { MessagingError } from './messaging-error.ts';

/**
 * Unsubscribes this browser and tells the server, until the next `getToken`; resolves with true. Call it before a session ends.
 *
 * @throws {MessagingError} `messaging/token-unsubscribe-failed`: one of them could not be told. The browser shows nothing of the user's
 * messages all the same, and the server is told at the next page load
 */
export async function deleteToken({ push }: Messaging): Promise<boolean> {
  const result = await push.disable();
  if (result.outcome === 'off') return true;
  const { server, browser } = result;
  throw new MessagingError('messaging/token-unsubscribe-failed', (server ?? browser)?.code, server ?? browser);
}
