/**
 * A tab. Methods that take a selector act on the first element that fits it, and wait for it (10 s at most, 30 s in
 * Chromium, then a TestingError `wait-timeout` that says what the page holds instead). Elements in shadow roots and
 * frames are not found.
 */
export interface Page {
  url(): Promise<string>;
  /**
   * A real mouse click, which carries user activation. Brings the tab to the front, waits until the element is visible,
   * enabled, in view and not covered, and clicks its centre.
   */
  click(selector: string): Promise<void>;
  /** Clicks the element, then types with real keys where the caret is. `\n` is Enter, `\t` is Tab, `\u001b` is
   * Escape. Clears nothing. */
  type(selector: string, text: string): Promise<void>;
  /** The rendered text of the first element that fits, visible or not. */
  text(selector: string): Promise<string>;
  /** Waits until an element is visible and, with `text`, contains it. `timeoutMs`: by default the same. */
  waitFor(selector: string, options?: { readonly text?: string; readonly timeoutMs?: number }): Promise<void>;
  /**
   * Calls a function in the page and awaits its promise, without a time limit. Arguments and result travel as JSON; what
   * comes back is for the caller to parse.
   *
   * @param functionDeclaration JavaScript source, such as `(id) => document.getElementById(id) !== null`
   * @throws TestingError `page-error` with what the function threw, `page-left` when the page navigated meanwhile
   */
  evaluate(functionDeclaration: string, ...args: readonly unknown[]): Promise<unknown>;
  /** What the tab shows, as PNG. */
  screenshot(): Promise<Uint8Array>;
  /** Brings the tab to the front of its window: it is visible and focused, the window's others are hidden. */
  activate(): Promise<void>;
  /** Closes the tab, and its window with the last one. The browser goes on with an empty tab. */
  close(): Promise<void>;
}
