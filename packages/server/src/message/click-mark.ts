/** What a click on Apple's devices tells the page that it opens: of which message, and which of its buttons. */
export interface ClickMark {
  readonly id: string;
  /** By it the server knows that the message was addressed to the device; empty for messages of an older version. */
  readonly token: string;
  /** Empty for the notification itself. */
  readonly action: string;
}

/**
 * A url that says what was clicked: `#belfry=<id>.<token>.<action>`, or `&belfry=…` behind a fragment that it has. WebKit opens
 * `navigate` itself, and no worker hears of the click; the page's SDK reads the mark and takes it away.
 */
export function markClick(url: string, { id, token, action }: ClickMark): string {
  // Half a surrogate pair cannot be encoded.
  return `${url}${url.includes('#') ? '&' : '#'}belfry=${id}.${token}.${encodeURIComponent(action.toWellFormed())}`;
}
