/** What a process does for its parent: one argument at most, and an answer, both of a kind that can be cloned. */
export type Functions = Readonly<Record<string, (input: never) => unknown>>;

/** To the process. */
export interface Call<Input> {
  readonly id: number;
  readonly name: string;
  readonly input: Input;
}

/** From the process. */
export type Reply<Output> =
  | { readonly id: number; readonly ok: true; readonly output: Output }
  | { readonly id: number; readonly ok: false; readonly error: string };

/** Of what type input and output are is agreed on by `Functions`; `never` stands for whichever it is. */
export function isCall(message: unknown): message is Call<never> {
  return typeof message === 'object' && message !== null && 'id' in message && 'name' in message;
}

export function isReply(message: unknown): message is Reply<never> {
  return typeof message === 'object' && message !== null && 'id' in message && 'ok' in message;
}
