import { attempt } from './attempt.ts';
import type { DeviceRecord } from './device-record.ts';
import { type Fields, fieldsOf } from './fields.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';

interface ServerRequest {
  readonly path: string;
  readonly method?: 'POST' | 'DELETE';
  /** JSON. */
  readonly body?: string;
}

/**
 * Asks the server of a device, and answers its JSON, empty where that is no object. Undefined where there is no answer, or one that
 * asks to come back later: 429 and 5xx.
 */
export const callServer = (
  deps: PushWorkerDeps,
  device: DeviceRecord,
  request: ServerRequest,
): Promise<Fields | undefined> => attempt(deps, 'server', call(deps, device, request));

async function call(
  deps: PushWorkerDeps,
  { api, token }: DeviceRecord,
  { path, ...request }: ServerRequest,
): Promise<Fields> {
  const response = await deps.scope.fetch(api + path, {
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...request,
  });
  if (response.status === 429 || response.status >= 500) throw new Error(`${path}: ${response.status}`);
  return fieldsOf(await response.json().catch(() => {}));
}
