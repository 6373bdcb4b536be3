import type { DeviceRecordStore } from './device-record.ts';
import type { PushEnvironment } from './push-environment.ts';
import type { PushServerApi } from './push-server-api.ts';

/** The service worker that enable() registers. */
export interface PushWorkerScript {
  readonly url: string;
  /** Default: the folder of the script. */
  readonly scope?: string;
  /** Default: `classic`. */
  readonly type?: 'classic' | 'module';
}

/** What the steps of the client share. */
export interface PushClientContext {
  readonly environment: PushEnvironment;
  readonly server: PushServerApi;
  readonly records: DeviceRecordStore;
  readonly script: PushWorkerScript | undefined;
  readonly workerTimeoutMs: number;
  /** Who this page said is signed in; null where it did not say. */
  user: string | null;
  /** Runs one thing after the other: two that subscribe at once would end each other's subscription. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Looks again, and shows the state that there is now. */
  look(): Promise<unknown>;
}
