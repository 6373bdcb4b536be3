/** What a plaintext begins with: whom it is for, and which one it is. */
export interface MessageNumber {
  /** Of the agent, in the order that they connected. */
  readonly agent: number;
  readonly sequence: number;
}

/** As long as a notification with a title, a line of text and a link; the body on the wire has 103 bytes more. */
const PLAINTEXT_BYTES = 200;

export function writeNumbered({ agent, sequence }: MessageNumber): Uint8Array {
  const plaintext = new Uint8Array(PLAINTEXT_BYTES);
  const view = new DataView(plaintext.buffer);
  view.setUint32(0, agent);
  view.setUint32(4, sequence);
  return plaintext;
}

export function readNumbered(plaintext: Uint8Array): MessageNumber {
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
  return { agent: view.getUint32(0), sequence: view.getUint32(4) };
}
