import { setTimeout } from 'node:timers/promises';
import type { MessageState } from '@belfry/store';
import type { BenchProcess } from '../process/start-process.ts';
import { kindOf } from './fault-kinds.ts';
import type { RoundPlan } from './plan-round.ts';
import type { PushServiceFunctions } from './push-service-process.ts';
import type { StoreLocation } from '../store/store-location.ts';
import type { Senders } from './senders.ts';

export interface RoundOptions {
  readonly plan: RoundPlan;
  /** From 0 on. */
  readonly round: number;
  readonly subscriptions: number;
  readonly store: StoreLocation;
  readonly senders: Senders;
  readonly pushService: BenchProcess<PushServiceFunctions>;
  /** By the world's clock. */
  readonly leaseMs: number;
  /** Ends the database as a crash does, and starts it again. */
  restartDatabase(): Promise<void>;
  readonly progress: (text: string) => void;
}

/** What a round came to. */
export interface RoundResult {
  /** By number, for a later look. */
  readonly messages: readonly number[];
  /** Devices in pages that a sender had under way when it was killed or stopped, or when their lease ended. */
  readonly pagesInFlight: number;
  /** The last of these alone: a lease ends where a database is away for long. */
  readonly overrun: number;
  /** By how much the messages' own counters of accepted devices are off. */
  readonly miscounted: number;
}

const POLL_MS = 100;
const PATIENCE_MS = 180_000;
const UNDER_WAY: ReadonlySet<MessageState> = new Set(['scheduled', 'queued', 'fanning-out']);

/** One broadcast to all, or two, and what befalls its senders, until all messages are over. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { plan, round, subscriptions, senders, pushService, leaseMs } = options;
  const first = 2 * round;
  const second = first + 1;
  const inFlight: number[] = [];
  const moment = (at: number): Promise<void> =>
    pushService.call('reached', { message: first, pushes: Math.floor(at * subscriptions) });

  async function kill({ at, sender }: RoundPlan['kills'][number]): Promise<void> {
    await moment(at);
    inFlight.push(await senders.kill(sender));
  }
  async function stop({ at, sender }: NonNullable<RoundPlan['stop']>): Promise<void> {
    await moment(at);
    inFlight.push(await senders.stopFor(sender, leaseMs + 1000));
  }
  async function inject({ at, sender, name }: NonNullable<RoundPlan['fault']>): Promise<void> {
    await moment(at);
    inFlight.push(await kindOf(name).inject({ store: options.store, senders, sender, leaseMs }));
  }
  async function broadcast(message: number, at: number): Promise<number> {
    if (at > 0) await moment(at);
    return await untilOver(message, options);
  }

  const broadcasts = [broadcast(first, 0), ...(plan.second ? [broadcast(second, plan.second.at)] : [])];
  const [miscounted] = await Promise.all([
    Promise.all(broadcasts),
    ...plan.kills.map(kill),
    ...(plan.stop ? [stop(plan.stop)] : []),
    ...(plan.fault ? [inject(plan.fault)] : []),
    ...(plan.crash ? [moment(plan.crash.at).then(() => options.restartDatabase())] : []),
  ]);
  await senders.idle();
  const overrun = senders.takeOverrun();
  return {
    messages: plan.second ? [first, second] : [first],
    pagesInFlight: inFlight.reduce((sum, devices) => sum + devices, overrun),
    overrun,
    miscounted: miscounted.reduce((sum, one) => sum + one, 0),
  };
}

/** Sends a message, and answers by how much its counter is off once it is over. */
async function untilOver(message: number, options: RoundOptions): Promise<number> {
  const { senders, subscriptions, plan, progress } = options;
  const giveUpAt = Date.now() + PATIENCE_MS;
  // The first of a round is in more parts than one sender takes, the second in as few as its push services need.
  const isByZone = message % 2 === 0;
  const id = await senders.ask((sender) => sender.call('notify', { message, isByZone }));
  for (;;) {
    const status = await senders.ask((sender) => sender.call('status', id));
    if (status === undefined) throw new Error('A message that was sent is unknown');
    const { state, deliveries } = status;
    if (state === 'done') {
      const miscounted = Math.abs((deliveries.accepted ?? 0) - subscriptions);
      if (miscounted > 0) progress(`Message ${message} is done: ${JSON.stringify(deliveries)}`);
      return miscounted;
    }
    if (Date.now() > giveUpAt || !UNDER_WAY.has(state)) {
      throw new Error(`Message ${message} is not done: ${JSON.stringify({ state, deliveries, plan })}`);
    }
    await setTimeout(POLL_MS);
  }
}
