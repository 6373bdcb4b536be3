import { MAX_ANSWER_BYTES } from '../limits.ts';

/**
 * Takes an answer's body as it comes, and keeps the beginning of it where somebody will read that. A body that is not
 * read would hold up its connection; one without end is to be cut off.
 */
export class AnswerBody {
  readonly #kept: Uint8Array[] = [];
  readonly #keeps: boolean;
  #bytes = 0;

  constructor(status: number) {
    this.#keeps = !isSuccess(status);
  }

  /** False once there is more than is taken. */
  add(chunk: Uint8Array): boolean {
    const room = MAX_ANSWER_BYTES - this.#bytes;
    this.#bytes += chunk.length;
    if (this.#keeps && room > 0) this.#kept.push(chunk.subarray(0, room));
    return this.#bytes <= MAX_ANSWER_BYTES;
  }

  text(): string {
    return this.#kept.length === 0 ? '' : Buffer.concat(this.#kept).toString('utf8');
  }
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
