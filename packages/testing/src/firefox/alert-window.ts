import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { browsingContexts } from '../bidi/browsing-contexts.ts';
import { callForJson } from '../bidi/call-function.ts';
import { actionButton } from '../action-button.ts';
import { isObject, objectsField, stringField } from '../json-fields.ts';
import type { FirefoxNotification } from '../browser-notification.ts';
import { TestingError } from '../errors.ts';
import { waitUntil } from '../wait-until.ts';
import { pressAction, readActions } from './alert-actions.ts';
import { drawWindow } from './draw-window.ts';

/** With `alerts.useSystemBackend` off, each notification is a window of Firefox's own, with this document. */
const alertDocument = 'chrome://global/content/alerts/alert.xhtml';

/** The notifications on the screen, oldest first. */
export async function alertWindows(connection: BidiConnection): Promise<readonly FirefoxNotification[]> {
  const alerts = await Promise.all(
    (await alertContexts(connection)).map((context) => readAlertWindow(connection, context)),
  );
  return alerts.filter((alert) => alert !== undefined);
}

async function alertContexts(connection: BidiConnection): Promise<readonly string[]> {
  const windows = await browsingContexts(connection, 'chrome');
  return windows.filter(({ url }) => url === alertDocument).map(({ id }) => id);
}

/** `undefined` while the window is not yet on the screen, and once it has left it. */
async function readAlertWindow(connection: BidiConnection, context: string): Promise<FirefoxNotification | undefined> {
  const shown = await callForJson(connection, { context, declaration: readAlert }).catch(ignoreGone);
  if (!isObject(shown)) return undefined;

  function gone(cause: unknown): never {
    ignoreGone(cause);
    throw new TestingError('notification-gone', 'The notification is no longer shown', { cause });
  }
  async function dismiss(declaration: string, ...args: readonly string[]): Promise<void> {
    await callForJson(connection, { context, declaration, args }).catch(gone);
    await waitUntil(async () => ((await alertContexts(connection)).includes(context) ? undefined : true), {
      timeoutMs: 5_000,
      describe: () => 'a notification to leave the screen',
    });
  }
  const buttons = objectsField(shown, 'actions').map((action) => ({
    name: stringField(action, 'name'),
    label: stringField(action, 'title'),
  }));
  return {
    title: stringField(shown, 'title'),
    body: stringField(shown, 'body'),
    origin: stringField(shown, 'origin'),
    actions: buttons.map(({ label }) => label),
    click: () => dismiss(`() => document.getElementById('alertBox').click()`),
    close: () => dismiss(`() => document.getElementById('alert-close').doCommand()`),
    async action(which) {
      const { name, label } = actionButton(buttons, which);
      await dismiss(pressAction, name, label);
    },
    screenshot: () => drawWindow(connection, { context, scale: 2 }).catch(gone),
  };
}

/** Passes on every error but those that say the window is gone. */
function ignoreGone(error: unknown): undefined {
  // 'unknown error' is what Firefox answers when the window closes before it got to the command.
  const gone =
    error instanceof TestingError &&
    (error.code === 'page-left' || error.protocolError === 'no such frame' || error.protocolError === 'unknown error');
  if (!gone) throw error;
  return undefined;
}

/**
 * Runs in the alert window, perhaps before the window's own script. `gIsActive` is set once it has its size, place and
 * click listener; `gIsReplaced` when a notification with the same tag takes its place. The label holds the first 200
 * characters of the body, the tooltip all.
 */
const readAlert = `async () => {
  if (window.gIsActive !== true || window.gIsReplaced || window.closed) return null;
  const label = document.getElementById('alertTextLabel');
  const title = document.getElementById('alertTitleLabel').getAttribute('value') ?? '';
  const body = label.getAttribute('tooltiptext') ?? label.textContent;
  const origin = window.arguments[11] ?? '';
  return { title, body, origin, actions: await (${readActions})({ title, body, origin }) };
}`;
