import type { DeviceRecordStore } from './device-record.ts';
import { detectState } from './detect-state.ts';
import { disablePush } from './disable-push.ts';
import { enablePush } from './enable-push.ts';
import { indexedDbDeviceRecords } from './indexed-db-device-records.ts';
import type { PushClientContext, PushWorkerScript } from './push-client-context.ts';
import type { PushEnvironment } from './push-environment.ts';
import type { DisableResult, EnableResult, PushState } from './push-results.ts';
import { pushServerApi } from './push-server-api.ts';

export interface PushClientOptions {
  /** Where the server's routes are; default `/api/push`. */
  readonly api?: string;
  /** The service worker that enable() registers; default: the one that the app has registered for this page. */
  readonly worker?: PushWorkerScript;
  /** How long enable() waits for a worker to be active, in milliseconds; default 10,000. */
  readonly workerTimeoutMs?: number;
  /** Default: the page's own `window`. */
  readonly environment?: PushEnvironment;
  /** Default: IndexedDB. */
  readonly records?: DeviceRecordStore;
}

export interface PushClient {
  /** The state of the last look; `unknown` before the first. */
  readonly state: PushState;
  /** Calls the listener at once and at each change, until the returned function is called. */
  onState(listener: (state: PushState) => void): () => void;
  /** Looks again, asking neither the user nor the server, and registering nothing. */
  refresh(): Promise<PushState>;
  /**
   * Asks for permission, subscribes, and tells the server. Call it first thing in a click: Safari and Firefox show
   * their prompt for nothing else. When only the server's part fails the browser stays subscribed, so that the next
   * enable() has just that part to do; the state is `off` until then.
   */
  enable(): Promise<EnableResult>;
  /** Unsubscribes the browser and tells the server. Each is tried, whatever becomes of the other. */
  disable(): Promise<DisableResult>;
}

/** Makes the page's push client. Nothing of the browser is touched before one of its methods is called. */
export function createPushClient(options: PushClientOptions = {}): PushClient {
  const environment: PushEnvironment = options.environment ?? globalThis;
  const context: PushClientContext = {
    environment,
    server: pushServerApi(environment, options.api ?? '/api/push'),
    records: options.records ?? indexedDbDeviceRecords(() => environment.indexedDB),
    script: options.worker,
    workerTimeoutMs: options.workerTimeoutMs ?? 10_000,
  };
  const listeners = new Set<(state: PushState) => void>();
  let state: PushState = 'unknown';
  let looks = 0;

  async function refresh(): Promise<PushState> {
    looks += 1;
    const look = looks;
    const found = await detectState(context);
    // A look that began earlier and ends later tells of the past.
    if (look === looks && found !== state) {
      state = found;
      for (const listener of listeners) listener(state);
    }
    return found;
  }

  async function thenRefresh<T>(result: Promise<T>): Promise<T> {
    const settled = await result;
    await refresh();
    return settled;
  }

  return {
    get state() {
      return state;
    },
    onState(listener) {
      listeners.add(listener);
      listener(state);
      return () => void listeners.delete(listener);
    },
    refresh,
    enable: () => thenRefresh(enablePush(context)),
    disable: () => thenRefresh(disablePush(context)),
  };
}
