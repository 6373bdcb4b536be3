import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { browsingContexts } from '../bidi/browsing-contexts.ts';
import { callForJson } from '../bidi/call-function.ts';
import { TestingError } from '../errors.ts';
import { waitUntil } from '../wait-until.ts';
import { drawWindow } from './draw-window.ts';

/** A PNG of the browser's window with its toolbars, the front tab and the permission prompt. */
export async function browserWindowScreenshot(connection: BidiConnection): Promise<Uint8Array> {
  return drawWindow(connection, { context: await browserWindow(connection), scale: 1 });
}

export interface AnswerPermissionPromptOptions {
  readonly answer: 'allow' | 'block';
  readonly timeoutMs: number;
}

/** Waits for the prompt that asks for notifications, presses one of its buttons, and waits until it has left. */
export async function answerPermissionPrompt(
  connection: BidiConnection,
  { answer, timeoutMs }: AnswerPermissionPromptOptions,
): Promise<void> {
  const context = await browserWindow(connection);
  const wait = (declaration: string, what: string) =>
    waitUntil(
      async () =>
        (await callForJson(connection, { context, declaration, args: [answer] })) === true ? true : undefined,
      { timeoutMs, describe: () => what },
    );
  await wait(pressButton, 'the browser to ask for the permission to show notifications');
  await wait(isGone, 'the permission prompt to close');
}

async function browserWindow(connection: BidiConnection): Promise<string> {
  const windows = await browsingContexts(connection, 'chrome');
  const context = windows.find(({ url }) => url === 'chrome://browser/content/browser.xhtml')?.id;
  if (context === undefined) throw new TestingError('page-left', 'The browser has no window open');
  return context;
}

/** Runs in the browser's window. The buttons do nothing until the prompt has opened. */
const pressButton = `(answer) => {
  const prompt = document.getElementById('web-notifications-notification');
  if (prompt === null || prompt.closest('panel').state !== 'open') return false;
  (answer === 'allow' ? prompt.button : prompt.secondaryButton).click();
  return true;
}`;

const isGone = `() => document.getElementById('web-notifications-notification') === null`;
