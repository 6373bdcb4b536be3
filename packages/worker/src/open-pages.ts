import { attempt } from './attempt.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { PageLike } from './push-worker-scope.ts';

/** The open pages of this origin, controlled by this worker or not, the last focused first; none where the browser does not tell. */
export const openPages = async (deps: PushWorkerDeps): Promise<readonly PageLike[]> =>
  (await attempt(deps, 'browser', deps.scope.clients.matchAll({ type: 'window', includeUncontrolled: true }))) ?? [];
