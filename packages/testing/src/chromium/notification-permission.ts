import type { CdpConnection } from '../cdp/cdp-connection.ts';
import { callForJson } from '../cdp/evaluate.ts';
import { TestingError } from '../errors.ts';
import { navigate } from './navigate.ts';
import type { PageTargets } from './page-targets.ts';

export interface SetNotificationPermissionOptions {
  readonly connection: CdpConnection;
  readonly targets: PageTargets;
  readonly origin: string;
  readonly permission: 'allow' | 'block';
}

/**
 * Sets the permission as Chromium's settings page does (about 0.7 s). Unlike CDP's Browser.grantPermissions, which lives
 * in memory, it is there in the profile when the browser starts again: a push that arrives before a new grant would be
 * dropped and its subscription deleted. And unlike an entry in the profile's Preferences it holds without a restart, and
 * gives workers `pushsubscriptionchange`.
 */
export async function setNotificationPermission(options: SetNotificationPermissionOptions): Promise<void> {
  const { connection, targets, origin, permission } = options;
  const setting = await targets.withHiddenTab(async (id) => {
    const session = await connection.session(id);
    await navigate(session, 'chrome://settings/content/notifications');
    return callForJson(session, { declaration: setPermission, args: [new URL(origin).origin, permission] });
  });
  if (setting === permission) return;
  throw new TestingError(
    'protocol-error',
    `Chromium kept the notification permission of ${origin} at ${String(setting)}`,
  );
}

/** Runs in the settings page. Its messages are handled in order, so the answer to the second is what the first set. */
const setPermission = `async (origin, permission) => {
  const { sendWithPromise } = await import('chrome://resources/js/cr.js');
  chrome.send('setOriginPermissions', [origin, 'notifications', permission]);
  const [exception] = await sendWithPromise('getOriginPermissions', origin, ['notifications']);
  return exception.setting;
}`;
