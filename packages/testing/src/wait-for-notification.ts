import type { WaitForNotificationOptions } from './browser.ts';
import type { BrowserNotification } from './browser-notification.ts';
import { waitUntil } from './wait-until.ts';

/** Waits until one of the notifications that `read` finds on the screen has the wanted title and body. */
export async function waitForNotification<Notification extends BrowserNotification>(
  read: () => Promise<readonly Notification[]>,
  { title, body, timeoutMs = 10_000 }: WaitForNotificationOptions = {},
): Promise<Notification> {
  let shown: readonly Notification[] = [];
  const check = async (): Promise<Notification | undefined> => {
    shown = await read();
    return shown.find(
      (one) => (title === undefined || one.title === title) && (body === undefined || one.body === body),
    );
  };
  const describe = (): string => {
    const others = shown.map((one) => JSON.stringify({ title: one.title, body: one.body }));
    return `a notification ${JSON.stringify({ title, body })}; shown: ${others.join(', ') || 'none'}`;
  };
  return waitUntil(check, { timeoutMs, describe });
}
