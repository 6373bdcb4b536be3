import type { StoreErrorCode } from '../errors.ts';
import type { Store } from '../store.ts';

/** The methods of `Store` that run in the thread; each takes one argument at most. */
export type OperationName = Exclude<keyof Store, 'close'>;
export type Input<Name extends OperationName> = Parameters<Store[Name]>[0];
export type Output<Name extends OperationName> = Awaited<ReturnType<Store[Name]>>;

/** The same methods, as the thread runs them: synchronously, inside the transaction of their batch. */
export type Operations = { readonly [Name in OperationName]: (input: Input<Name>) => Output<Name> };

export interface CallOf<Name extends OperationName> {
  readonly id: number;
  readonly operation: Name;
  readonly input: Input<Name>;
}

/** To the thread: one call of any operation. */
export type Call = { [Name in OperationName]: CallOf<Name> }[OperationName];

export interface ThreadFailure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** From the thread: what came of one call, after its batch was committed. */
export type Reply<Result> =
  | { readonly id: number; readonly ok: true; readonly output: Result }
  | { readonly id: number; readonly ok: false; readonly error: ThreadFailure };

/** The first message of the thread. */
export type Opened = { readonly ok: true } | { readonly ok: false; readonly error: ThreadFailure };
