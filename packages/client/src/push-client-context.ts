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
}
