import { MAX_FRAME_BYTES } from '../limits.ts';

/** What arrives on an MCS connection: the version once, then frames of a tag and a protobuf message. */
export type McsFrame =
  | { readonly type: 'version'; readonly version: number }
  | { readonly type: 'message'; readonly tag: number; readonly payload: Uint8Array };

/** `overlong-length`: a varint longer than any length that is allowed; `frame-too-large`: more than `MAX_FRAME_BYTES`. */
export type FrameError = 'overlong-length' | 'frame-too-large';

/**
 * Where the next byte belongs:
 *
 *     version ──▶ tag ──▶ length ──▶ payload ──▶ tag …
 *                           └──bad──▶ failed
 *
 * A length is judged before a byte of its payload is kept. A frame without payload goes from `length` straight to `tag`.
 */
type Position =
  | { readonly state: 'version' }
  | { readonly state: 'tag' }
  | { readonly state: 'length'; readonly tag: number; readonly value: number; readonly shift: number }
  | { readonly state: 'payload'; readonly tag: number; readonly payload: Uint8Array; readonly filled: number }
  | { readonly state: 'failed'; readonly error: FrameError };

/** 2^21 is beyond the limit: a fourth byte can only pad a length or make it too large. */
const MAX_LENGTH_SHIFT = 14;

/** Cuts the bytes of one MCS connection into frames, however they are split on their way. */
export class FrameReader {
  #position: Position = { state: 'version' };

  /** Set once the bytes made no sense; what follows is ignored. */
  get error(): FrameError | undefined {
    return this.#position.state === 'failed' ? this.#position.error : undefined;
  }

  /** The frames that `chunk` completes. Nothing of `chunk` is kept. */
  *read(chunk: Uint8Array): Generator<McsFrame, void> {
    let offset = 0;
    while (offset < chunk.length) {
      const position = this.#position;
      if (position.state === 'failed') return;
      if (position.state === 'payload') {
        const part = chunk.subarray(offset, offset + position.payload.length - position.filled);
        position.payload.set(part, position.filled);
        offset += part.length;
        const filled = position.filled + part.length;
        if (filled < position.payload.length) {
          this.#position = { ...position, filled };
        } else {
          this.#position = { state: 'tag' };
          yield { type: 'message', tag: position.tag, payload: position.payload };
        }
        continue;
      }
      const byte = chunk[offset++] ?? 0;
      switch (position.state) {
        case 'version':
          this.#position = { state: 'tag' };
          yield { type: 'version', version: byte };
          break;
        case 'tag':
          this.#position = { state: 'length', tag: byte, value: 0, shift: 0 };
          break;
        case 'length':
          this.#position = readLength(position, byte);
          if (this.#position.state === 'tag') yield { type: 'message', tag: position.tag, payload: new Uint8Array() };
          break;
      }
    }
  }
}

/** One more byte of a length: seven bits, the least significant first (protobuf's varint). */
function readLength({ tag, value, shift }: Extract<Position, { state: 'length' }>, byte: number): Position {
  const length = value | ((byte & 0x7f) << shift);
  if (length > MAX_FRAME_BYTES) return { state: 'failed', error: 'frame-too-large' };
  if (byte < 0x80) {
    return length === 0 ? { state: 'tag' } : { state: 'payload', tag, payload: new Uint8Array(length), filled: 0 };
  }
  if (shift === MAX_LENGTH_SHIFT) return { state: 'failed', error: 'overlong-length' };
  return { state: 'length', tag, value: length, shift: shift + 7 };
}
