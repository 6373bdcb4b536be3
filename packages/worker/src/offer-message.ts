import { claimant } from './claimant.ts';
import { mayLeaveOut } from './may-leave-out.ts';
import type { ShownPush } from './parse-push.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { PageLike } from './push-worker-scope.ts';

/** Gives a message of Belfry's to the visible page that claims it; answers whether its notification is then left out. */
export async function offerMessage(
  deps: PushWorkerDeps,
  push: ShownPush,
  pages: readonly PageLike[],
): Promise<boolean> {
  const envelope = push.options.data.belfry;
  if (!envelope || envelope.foreground === 'notification') return false;
  const visible = pages.filter((page) => page.visibilityState === 'visible');
  const claim = await claimant(deps, visible, { belfry: 'message', type: push.message.type });
  claim?.port.postMessage(push.message);
  return claim !== undefined && envelope.foreground !== 'both' && mayLeaveOut(deps);
}
