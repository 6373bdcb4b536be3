import type { CdpSession } from '../cdp/cdp-connection.ts';

/** CDP's Input domain: what it does carries user activation, as a person's does. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Presses and releases the mouse's main button. CSS pixels from the corner of what the tab shows. */
export async function clickAt(session: CdpSession, { x, y }: Point): Promise<void> {
  await session.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  const button = { x, y, button: 'left', clickCount: 1 };
  await session.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...button });
  await session.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...button });
}

/** Presses and releases one key for each character. */
export async function typeKeys(session: CdpSession, text: string): Promise<void> {
  for (const character of text) {
    const key = namedKeys.get(character) ?? { key: character, text: character };
    await session.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key });
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
  }
}

/** Keys that write no character of their own: Chromium knows them by their Windows codes. */
const namedKeys: ReadonlyMap<string, object> = new Map([
  ['\n', { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' }],
  ['\t', { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 }],
  ['\u001b', { key: 'Escape', code: 'Escape', windowsVirtualKeyCode: 27 }],
]);
