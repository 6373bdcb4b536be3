import type { PushWorkerDeps } from './push-worker-deps.ts';

const MAX_QUIET = 8;
const QUIET_MS = 60_000;

/**
 * Whether this browser lets a push show nothing while a page is visible. Chromium does. Firefox counts them, and ends a subscription
 * after 16 in a row if they come in a burst; WebKit ends it after three, whatever is visible. That it is left out then is noted here.
 */
export function mayLeaveOut(deps: PushWorkerDeps): boolean {
  const { memory } = deps;
  const { userAgent } = deps.scope.navigator;
  if (memory && /Firefox/.test(userAgent)) {
    memory.quiet = memory.quiet.filter((at) => at > deps.now() - QUIET_MS);
    const isAllowed = memory.quiet.length < MAX_QUIET;
    if (isAllowed) memory.quiet.push(deps.now());
    return isAllowed;
  }
  return /Chrom/.test(userAgent);
}
