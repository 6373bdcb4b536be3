import type { DateCheck, Store } from '@belfry/store';
import type { Logger } from '../effects.ts';
import type { AdjustableSteadyClock } from './steady-clock.ts';

/** Says whether the date can be right, before anything is deleted because it is old. */
export interface DateGuard {
  /** Whether what is old may be deleted. Where the date jumped or is behind, it tells the operator, once. */
  isTrusted(): Promise<boolean>;
  /** A person says that the date is right. */
  confirm(): Promise<void>;
}

export interface DateGuardOptions {
  readonly store: Pick<Store, 'checkDate'>;
  readonly clock: AdjustableSteadyClock;
  readonly logger: Logger;
}

/** Holds the date against the last that the store has seen, in an earlier process too. */
export async function openDateGuard({ store, clock, logger }: DateGuardOptions): Promise<DateGuard> {
  let isStarted = false;
  let told: DateCheck['kind'] = 'trusted';

  async function check(isConfirmed: boolean): Promise<boolean> {
    const elapsed = clock.elapsed();
    const steadyNow = isStarted ? clock.steadyNow() : null;
    const date = await store.checkDate({ now: clock.now(), steadyNow, isConfirmed });
    clock.continueFrom(date.steadyNow, elapsed);
    isStarted = true;
    if (date.kind !== told) tell(date);
    told = date.kind;
    return date.kind !== 'jumped';
  }

  function tell({ kind, trustedAt, now }: DateCheck): void {
    switch (kind) {
      case 'trusted':
        logger.info('The date is trusted again', { date: toIso(now) });
        break;
      case 'jumped':
      case 'behind':
        logger.error(FAULTS[kind], { fault: `date-${kind}`, lastSeen: toIso(trustedAt), date: toIso(now) });
    }
  }

  await check(false);
  return {
    isTrusted: () => check(false),
    confirm: async () => void (await check(true)),
  };
}

const FAULTS = {
  jumped:
    'The date is days ahead of the last one that the store has seen: nothing old is deleted. Set the clock, or confirm the date with confirmDate() or `npx belfry confirm-date`',
  behind:
    'The date is days behind the last one that the store has seen: idempotency keys and what is over are kept for longer. Set the clock, or confirm the date with confirmDate() or `npx belfry confirm-date`',
} as const;

/** A clock may show what no calendar has. */
function toIso(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
