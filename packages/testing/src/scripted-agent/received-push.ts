/** A push message, decrypted: what a service worker has as `event.data`. */
export interface ReceivedPush {
  /** The plaintext; empty for a push without payload. */
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8. */
  text(): string;
  /** @throws SyntaxError where the text is not JSON */
  json(): unknown;
}

export function receivedPush(bytes: Uint8Array): ReceivedPush {
  const text = (): string => new TextDecoder().decode(bytes);
  return { bytes, text, json: () => JSON.parse(text()) };
}
