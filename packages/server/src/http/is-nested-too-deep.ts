/** Deeper than any message that makes sense. */
const MAX_DEPTH = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Returns true where arrays and objects are nested in each other more than 100 levels deep. 190 KB of `[` hold `JSON.parse` for 45 to
 * 60 ms, and this function ends after 101 bytes of them.
 */
export function isNestedTooDeep(json: Uint8Array): boolean {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] ?? 0;
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString) {
      if (byte === BACKSLASH) i++;
    } else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
