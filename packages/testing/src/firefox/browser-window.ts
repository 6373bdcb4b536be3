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

/** Waits until the browser asks whether a site may show notifications. */
export function waitForPermissionPrompt(connection: BidiConnection, timeoutMs: number): Promise<void> {
  return waitInWindow(connection, {
    declaration: `() => (${openPrompt})() !== null`,
    what: 'the browser to ask for the permission to show notifications',
    timeoutMs,
  });
}

export interface AnswerPermissionPromptOptions {
  readonly answer: 'allow' | 'block';
  readonly timeoutMs: number;
}

/** Waits for that prompt, presses one of its buttons, and waits until it has left. */
export async function answerPermissionPrompt(
  connection: BidiConnection,
  { answer, timeoutMs }: AnswerPermissionPromptOptions,
): Promise<void> {
  await waitForPermissionPrompt(connection, timeoutMs);
  const context = await browserWindow(connection);
  await callForJson(connection, { context, declaration: pressButton, args: [answer] });
  await waitInWindow(connection, { declaration: isGone, what: 'the permission prompt to close', timeoutMs });
}

async function waitInWindow(
  connection: BidiConnection,
  { declaration, what, timeoutMs }: { declaration: string; what: string; timeoutMs: number },
): Promise<void> {
  const context = await browserWindow(connection);
  const isTrue = async (): Promise<true | undefined> =>
    (await callForJson(connection, { context, declaration, args: [] })) === true ? true : undefined;
  await waitUntil(isTrue, { timeoutMs, describe: () => what });
}

async function browserWindow(connection: BidiConnection): Promise<string> {
  const windows = await browsingContexts(connection, 'chrome');
  const context = windows.find(({ url }) => url === 'chrome://browser/content/browser.xhtml')?.id;
  if (context === undefined) throw new TestingError('page-left', 'The browser has no window open');
  return context;
}

// These run in the browser's window.

/** The buttons do nothing until the prompt has opened. */
const openPrompt = `() => {
  const prompt = document.getElementById('web-notifications-notification');
  return prompt !== null && prompt.closest('panel').state === 'open' ? prompt : null;
}`;

const pressButton = `(answer) => {
  const prompt = (${openPrompt})();
  (answer === 'allow' ? prompt.button : prompt.secondaryButton).click();
}`;

const isGone = `() => document.getElementById('web-notifications-notification') === null`;
