import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { callForJson } from '../bidi/call-function.ts';
import { TestingError } from '../errors.ts';

export interface DrawWindowOptions {
  /** The browsing context of one of Firefox's own windows. */
  readonly context: string;
  /** Pixels of the picture for each CSS pixel. */
  readonly scale: number;
}

/** A PNG of one of Firefox's own windows, for which browsingContext.captureScreenshot is not supported (measured, 153.7). */
export async function drawWindow(
  connection: BidiConnection,
  { context, scale }: DrawWindowOptions,
): Promise<Uint8Array> {
  const base64 = await callForJson(connection, { context, declaration: draw, args: [scale] });
  if (typeof base64 !== 'string') throw new TestingError('protocol-error', 'The browser drew no picture of its window');
  return Buffer.from(base64, 'base64');
}

/**
 * Runs in the window. A snapshot leaves out panels such as the permission prompt, which have windows of their own; so
 * each open one is painted in its place with the CSS image -moz-element() for as long as the snapshot takes.
 */
const draw = `async (scale) => {
  const html = (name) => document.createElementNS('http://www.w3.org/1999/xhtml', name);
  const copies = [...document.querySelectorAll('panel[id]')].filter((panel) => panel.state === 'open').map((panel) => {
    const { x, y, width, height } = panel.getOuterScreenRect();
    const copy = html('div');
    Object.assign(copy.style, {
      position: 'fixed',
      zIndex: 2147483647,
      left: x - mozInnerScreenX + 'px',
      top: y - mozInnerScreenY + 'px',
      width: width + 'px',
      height: height + 'px',
      background: '-moz-element(#' + CSS.escape(panel.id) + ') no-repeat',
      boxShadow: '0 1px 6px rgb(0 0 0 / 40%)',
    });
    document.documentElement.append(copy);
    return copy;
  });
  try {
    const area = new DOMRect(0, 0, innerWidth, innerHeight);
    const bitmap = await window.browsingContext.currentWindowGlobal.drawSnapshot(area, scale, 'rgb(255, 255, 255)');
    const canvas = html('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext('2d').drawImage(bitmap, 0, 0);
    return canvas.toDataURL('image/png').split(',')[1];
  } finally {
    for (const copy of copies) copy.remove();
  }
}`;
