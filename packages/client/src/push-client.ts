import { confirmDevice } from './confirm-device.ts';
import { detectState, type KnownDevice } from './detect-state.ts';
import type { DeviceRecordStore } from './device-record.ts';
import { disablePush } from './disable-push.ts';
import { enablePush } from './enable-push.ts';
import { identifyUser } from './identify-user.ts';
import { indexedDbDeviceRecords } from './indexed-db-device-records.ts';
import { leaveDevices } from './leave-devices.ts';
import type { PushClientContext, PushWorkerScript } from './push-client-context.ts';
import { PushClientError, type PushClientErrorCode } from './push-client-error.ts';
import type { PushEnvironment } from './push-environment.ts';
import type { DisableResult, EnableResult, LogoutResult, PushState } from './push-results.ts';
import { pushServerApi, type PushToken } from './push-server-api.ts';
import { reportClick } from './report-click.ts';
import { signOut } from './sign-out.ts';

export interface PushClientOptions {
  /** Where the server's routes are; default `/api/push`. */
  readonly api?: string;
  /** The service worker that enable() registers; default: the one that the app has registered for this page. */
  readonly worker?: PushWorkerScript;
  /** How long enable() waits for a worker to be active, in milliseconds; default 10,000. */
  readonly workerTimeoutMs?: number;
  /** Sent as `Authorization: Bearer`, by the worker too: for apps that have no cookies. A function is asked each time. */
  readonly token?: PushToken;
  /** Default: the page's own `window`. */
  readonly environment?: PushEnvironment;
  /** Default: IndexedDB. */
  readonly records?: DeviceRecordStore;
}

export interface PushClient {
  /** The state of the last look; `unknown` before the first. The same object until it changes. */
  readonly state: PushState;
  /** Calls the listener at once and at each change, until the returned function is called. */
  onState(listener: (state: PushState) => void): () => void;
  /**
   * Call it at every page load: it looks again and, where push is enabled, puts right what was lost since: a subscription that
   * expired or was taken with its permission, a new VAPID key, a server that forgot or was down. It never asks the user.
   */
  refresh(): Promise<PushState>;
  /**
   * Asks for permission, subscribes, and tells the server. Call it first thing in a click: Safari and Firefox show
   * their prompt for nothing else. What fails after the permission is `broken`; once there is a worker it is tried again later.
   */
  enable(): Promise<EnableResult>;
  /** Unsubscribes the browser and tells the server. Each is tried, whatever becomes of the other. */
  disable(): Promise<DisableResult>;
  /**
   * Says who is signed in, at every page load that knows it, in place of `refresh()`: by the id that the server's `authenticate`
   * answers. Where push was enabled, this browser's messages are that user's from now on, and nobody else's are shown.
   */
  identify(user: string): Promise<PushState>;
  /** Call it before the session ends: nothing of the user's messages is shown any more, also where the network is down. */
  logout(): Promise<LogoutResult>;
}

/** Makes the page's push client. Nothing of the browser is touched before one of its methods is called. */
export function createPushClient(options: PushClientOptions = {}): PushClient {
  const environment: PushEnvironment = options.environment ?? globalThis;
  const { api = '/api/push', workerTimeoutMs = 10_000, token } = options;
  let last: Promise<unknown> = Promise.resolve();
  const context: PushClientContext = {
    environment,
    server: pushServerApi(environment, { api, token }),
    records: options.records ?? indexedDbDeviceRecords(() => environment.indexedDB),
    script: options.worker,
    workerTimeoutMs,
    user: null,
    inTurn(work) {
      const result = last.then(work);
      last = result.catch(() => {});
      return result;
    },
    look,
  };
  const listeners = new Set<(state: PushState) => void>();
  let state: PushState = { status: 'unknown' };
  let problem: PushClientErrorCode | null = null;
  let looks = 0;
  let shown = 0;
  let isWatching = false;
  let isUserNoted = true;

  /** @param isMending what is broken may be mended in a moment, and is not shown before that was tried; yet `on` must not stay */
  async function look(isMending = false): Promise<KnownDevice | undefined> {
    const turn = (looks += 1);
    const { state: found, device } = await detectState(context, problem);
    // One that began earlier and ends later tells of the past.
    if (turn < shown || (isMending && device && found.status === 'broken' && state.status !== 'on')) return device;
    shown = turn;
    if (JSON.stringify(found) !== JSON.stringify(state)) {
      state = found;
      for (const listener of listeners) listener(state);
    }
    return device;
  }

  /** Where the storage fails it is tried again at the next look: until then the former user's messages would be shown. */
  function noteUser(): Promise<unknown> {
    isUserNoted = true;
    return identifyUser(context).catch(() => (isUserNoted = false));
  }

  async function heal(): Promise<PushState> {
    if (!isUserNoted) await noteUser();
    const device = await look(true);
    if (!device) return state;
    try {
      if (device.record.intent === 'on') await confirmDevice(context, device);
      problem = null;
    } catch (error) {
      problem = PushClientError.from(error).code;
    }
    await look();
    await leaveDevices(context, device.registration.scope);
    return state;
  }

  function refresh(): Promise<PushState> {
    watch();
    return context.inTurn(heal);
  }

  function mend(): void {
    watch();
    void look().then(() => (state.status === 'broken' ? refresh() : state));
  }

  function watch(): void {
    void reportClick(context);
    if (isWatching) return;
    isWatching = true;
    for (const event of ['online', 'focus', 'hashchange'] as const) environment.addEventListener(event, mend);
    environment.navigator.permissions?.query({ name: 'notifications' }).then(
      (permission) => permission.addEventListener('change', mend),
      () => {},
    );
  }

  async function settled<T>(result: T, found: PushClientErrorCode | null = null): Promise<T> {
    problem = found;
    await look();
    return result;
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
    async enable() {
      const result = await enablePush(context);
      watch();
      return settled(result, result.outcome === 'failed' ? result.error.code : null);
    },
    async disable() {
      return settled(await context.inTurn(() => disablePush(context)));
    },
    identify(user) {
      watch();
      context.user = user;
      return noteUser().then(refresh);
    },
    async logout() {
      context.user = null;
      return settled(await signOut(context));
    },
  };
}
