import type { PagePort, PushWorkerDeps } from './push-worker-deps.ts';
import type { PageLike } from './push-worker-scope.ts';

const CLAIM_MS = 500;

/**
 * Gives pages the choice of something, and it to the first of them that claims it; answers which one that was.
 *
 * @param pages as `matchAll` answers them: the focused one, else the one that was last, is the first
 */
export function claimant(
  deps: PushWorkerDeps,
  pages: readonly PageLike[],
  question: { belfry: 'message'; type: string | null } | { belfry: 'navigate' },
): Promise<Claim | undefined> {
  const claims: Claim[] = [];
  return new Promise((resolve) => {
    const decide = (): void => resolve(claims.find((claim) => claim));
    pages.forEach((page, rank) => {
      const port = deps.ask(page, question);
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it starts the port too, and nobody else listens
      port.onmessage = (event) => {
        if (event.data !== 'claim') return;
        claims[rank] = { page, port };
        // Nobody is better; a lesser one waits for those that are.
        if (!rank) decide();
      };
    });
    deps.scope.setTimeout(decide, pages.length && CLAIM_MS);
  });
}

export interface Claim {
  readonly page: PageLike;
  /** What is sent here, this page handles, and no other does. */
  readonly port: PagePort;
}
