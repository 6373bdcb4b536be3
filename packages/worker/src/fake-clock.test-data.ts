/** A clock that stands still until a test lets time pass. */
export interface FakeClock {
  now(): number;
  setTimeout(callback: () => void, delayMs: number): void;
  /** Lets so much time pass: what is due is called in order, and promises settle in between. */
  pass(ms: number): Promise<void>;
}

export function fakeClock(): FakeClock {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const timers: { readonly at: number; readonly callback: () => void }[] = [];
  return {
    now: () => now,
    setTimeout: (callback, delayMs) => void timers.push({ at: now + delayMs, callback }),
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await promisesSettled();
        const due = timers.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
        if (due === undefined) break;
        timers.splice(timers.indexOf(due), 1);
        now = Math.max(now, due.at);
        due.callback();
      }
      now = end;
    },
  };
}

/** All that the fakes do are microtasks, and those come before the next task. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}
