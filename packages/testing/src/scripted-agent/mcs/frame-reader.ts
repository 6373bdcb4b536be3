/** A message as it came: its kind, and its protobuf. */
export interface McsFrame {
  readonly tag: number;
  readonly payload: Uint8Array;
}

/** The protocol's version, which opens either direction: the one that Chromium 156 speaks. */
export const MCS_VERSION = 41;

/** Four times a push message of 4096 octets (RFC 8030 §7.2), to leave room for the names that come with it. */
export const MAX_FRAME_BYTES = 16_384;

/** 2^21 is beyond the limit: a fourth byte can only pad a length or make it too large. */
const MAX_LENGTH_SHIFT = 14;

/**
 * Where the next byte belongs; a length is judged before a byte of its payload is kept:
 *
 *     version ──▶ tag ──▶ length ──▶ payload ──▶ tag …
 *        └────────bad───────┴──▶ failed
 */
type Position =
  | { readonly state: 'version' | 'tag' | 'failed' }
  | { readonly state: 'length'; readonly tag: number; readonly value: number; readonly shift: number }
  | { readonly state: 'payload'; readonly tag: number; readonly payload: Uint8Array; readonly filled: number };

const AT_VERSION: Position = { state: 'version' };
const AT_TAG: Position = { state: 'tag' };
const FAILED: Position = { state: 'failed' };

/** Cuts the bytes of one MCS connection into frames, however they are split on their way. */
export class FrameReader {
  #position: Position = AT_VERSION;

  /** Another version, or a length beyond `MAX_FRAME_BYTES`, has come: what follows is ignored. */
  get hasFailed(): boolean {
    return this.#position.state === 'failed';
  }

  /** The frames that `chunk` completes. Nothing of `chunk` is kept. */
  *read(chunk: Uint8Array): Generator<McsFrame, void> {
    let offset = 0;
    while (offset < chunk.length) {
      const position = this.#position;
      switch (position.state) {
        case 'version':
          this.#position = chunk[offset++] === MCS_VERSION ? AT_TAG : FAILED;
          break;
        case 'tag':
          this.#position = { state: 'length', tag: chunk[offset++] ?? 0, value: 0, shift: 0 };
          break;
        case 'length': {
          const { tag } = position;
          this.#position = readLength(position, chunk[offset++] ?? 0);
          if (this.#position === AT_TAG) yield { tag, payload: new Uint8Array() };
          break;
        }
        case 'payload': {
          const { tag, payload, filled } = position;
          const part = chunk.subarray(offset, offset + payload.length - filled);
          payload.set(part, filled);
          offset += part.length;
          const isWhole = filled + part.length === payload.length;
          this.#position = isWhole ? AT_TAG : { ...position, filled: filled + part.length };
          if (isWhole) yield { tag, payload };
          break;
        }
        case 'failed':
          return;
      }
    }
  }
}

/** One more byte of a length: seven bits, the least significant first (protobuf's varint). */
function readLength({ tag, value, shift }: Extract<Position, { state: 'length' }>, byte: number): Position {
  const length = value | ((byte & 0x7f) << shift);
  if (length > MAX_FRAME_BYTES) return FAILED;
  if (byte >= 0x80)
    return shift === MAX_LENGTH_SHIFT ? FAILED : { state: 'length', tag, value: length, shift: shift + 7 };
  return length === 0 ? AT_TAG : { state: 'payload', tag, payload: new Uint8Array(length), filled: 0 };
}
