import type { ClickHandler, PushHandler } from './push-handlers.ts';
import type { PushWorkerOptions } from './push-worker-options.ts';
import type { PageLike, PushWorkerScope } from './push-worker-scope.ts';
import type { WorkerStorage } from './worker-storage.ts';

/** The worker's end of a channel to a page. */
export interface PagePort {
  onmessage: ((event: MessageEvent<unknown>) => unknown) | null;
  postMessage(message: unknown): void;
}

/** Of the worker's record, what pushes that come at once have to agree on: it would come back from the storage too late. */
export interface WorkerMemory {
  seen: readonly string[];
  quiet: number[];
}

/** What the handlers work with; `pushWorkerDeps` makes it. */
export interface PushWorkerDeps {
  readonly scope: PushWorkerScope;
  readonly options: PushWorkerOptions & Required<Pick<PushWorkerOptions, 'api' | 'defaultNotification'>>;
  /** By message type; `*` is that of all others. */
  readonly onPush: Record<string, PushHandler>;
  readonly onClick: Record<string, ClickHandler>;
  readonly storage: WorkerStorage;
  /** Null until the worker's record was read in this run. */
  memory: WorkerMemory | null;
  /** Ids of the messages whose notifications were clicked in this run. */
  readonly clicked: string[];
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  /** Asks a page, and gives it a port to answer on. */
  ask(page: PageLike, question: object): PagePort;
  /** Gets what went wrong without stopping anything; never a secret. */
  report(error: unknown): void;
}
