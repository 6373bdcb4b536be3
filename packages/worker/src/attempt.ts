import type { PushWorkerDeps } from './push-worker-deps.ts';

/** How long each part is waited for, in ms. A push shows something within 5 s, so those that it waits for add up to less. */
const TIME_MS = { storage: 700, browser: 500, handler: 2500, server: 10_000, push: 20_000 };

/**
 * Waits for what some part does. Where it fails, or takes longer than its time, that is reported as `<part>-failed`, without a cause
 * where it took too long, and the answer is undefined.
 */
export const attempt = <T>(
  deps: PushWorkerDeps,
  part: keyof typeof TIME_MS,
  work: T,
): Promise<Awaited<T> | undefined> =>
  Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      deps.scope.setTimeout(reject, TIME_MS[part]);
    }),
  ]).catch((cause: unknown) => {
    deps.report(new Error(`${part}-failed`, { cause }));
    return undefined;
  });
