import type { ReadPage } from '../chunk.ts';
import type { Device } from '../device.ts';
import type { StoreErrorCode } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { Store } from '../store.ts';
import type { MessageChanged } from './operations/change-message.ts';
import type { PlanPart, PlanProgress } from './operations/plan-message.ts';
import type { PackedPage } from './packed-page.ts';

/** What the threads do: the methods of `Store`, each of which takes one argument at most. */
export interface ThreadStore
  extends Omit<
    Store,
    'readPage' | 'devicesOfUser' | 'changeMessage' | 'planMessage' | 'close' | 'onWork' | 'onWithdrawal'
  > {
  changeMessage(request: Parameters<Store['changeMessage']>[0]): Promise<MessageChanged>;
  devicesOfUser(request: { readonly userId: UserId; readonly limit?: number | undefined }): Promise<readonly Device[]>;
  planMessage(part: PlanPart): Promise<PlanProgress>;
  readPage(request: ReadPage): Promise<PackedPage>;
}

export type OperationName = keyof ThreadStore;
/** Those that only read, and may take long or come in floods: they run beside the writes, in a thread of their own. */
export type ReadName = 'readPage' | 'timeZones' | 'proveDevice' | 'messageStatus';
export type Input<Name extends OperationName> = Parameters<ThreadStore[Name]>[0];
export type Output<Name extends OperationName> = Awaited<ReturnType<ThreadStore[Name]>>;

/** The same methods, as a thread runs them: synchronously. */
export type Operations<Names extends OperationName = OperationName> = {
  readonly [Name in Names]: (input: Input<Name>) => Output<Name>;
};

export interface CallOf<Name extends OperationName> {
  readonly id: number;
  readonly operation: Name;
  readonly input: Input<Name>;
}

/** To a thread: one call of any of these operations. */
export type Call<Names extends OperationName = OperationName> = { [Name in Names]: CallOf<Name> }[Names];

export interface ThreadFailure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** From a thread: what came of one call; of one that writes, after its batch was committed. */
export type Reply<Result> =
  | { readonly id: number; readonly ok: true; readonly output: Result }
  | { readonly id: number; readonly ok: false; readonly error: ThreadFailure };

/** From the thread that writes, once: why the store may not be used any more. */
export interface Fault {
  readonly fault: ThreadFailure;
}

/** What a thread is started for. */
export interface ThreadRole {
  readonly path: string;
  readonly role: 'writer' | 'reader';
}

/** The first message of a thread. */
export type Opened = { readonly ok: true } | { readonly ok: false; readonly error: ThreadFailure };
