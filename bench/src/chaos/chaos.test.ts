import { expect, test } from 'vitest';
import { chaosReport, type EngineRow } from './chaos-report.ts';
import { chooseFault } from './choose-fault.ts';
import { faultsOf } from './fault-kinds.ts';
import { planRound } from './plan-round.ts';
import { PushCounts } from './push-counts.ts';
import { runChaos } from './run-chaos.ts';

test('nobody misses a message, and none comes twice without a reason', { timeout: 420_000 }, async () => {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runChaos({
    args: ['--json', '--rounds', '2', '--subscriptions', '500', '--speed', '8'],
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void err.push(text),
    signal: AbortSignal.timeout(400_000),
  });
  expect({ code, progress: err.join('') }).toMatchObject({ code: 0 });
  expect(JSON.parse(out.join(''))).toMatchObject({
    bench: 'chaos',
    rounds: 4,
    missed: 0,
    roundsBeyondBound: 0,
    unreadable: 0,
    miscounted: 0,
    met: true,
    stops: 2,
    restarts: 1,
    rows: [
      { name: 'sqlite', senders: 1 },
      { name: 'postgres', senders: 3 },
    ],
  });
});

test('subscriptions without a message are missed, and further copies are duplicates', () => {
  const counts = new PushCounts(3);
  for (const subscription of [0, 1, 1, 1]) {
    counts.arrived(7, subscription);
    counts.taken(7, subscription);
  }
  counts.arrived(7, 2);
  counts.ambiguous(7);
  expect(counts.of(7)).toEqual({ missed: 1, duplicates: 2, ambiguous: 1, arrived: 5 });
  expect(counts.of(8)).toEqual({ missed: 3, duplicates: 0, ambiguous: 0, arrived: 0 });
});

test('a moment of a message comes with the push that makes it', async () => {
  const counts = new PushCounts(2);
  const reached: number[] = [];
  const moments = [2, 1, 0].map((pushes) => counts.reached(1, pushes).then(() => reached.push(pushes)));
  counts.arrived(1, 0);
  await moments[1];
  expect(reached).toEqual([0, 1]);
  counts.arrived(1, 0);
  await moments[0];
  expect(reached).toEqual([0, 1, 2]);
});

test.each([
  ['a message that somebody missed', { missed: 1 }],
  ['a round with too many duplicates', { roundsBeyondBound: 1 }],
  ['a message that its subscription cannot read', { unreadable: 1 }],
  ['a counter that is off', { miscounted: 1 }],
])('%s fails the proof', (_name, change) => {
  const row: EngineRow = {
    name: 'sqlite',
    senders: 1,
    rounds: 30,
    missed: 0,
    duplicates: 5,
    pagesInFlight: 4,
    overrun: 0,
    ambiguous: 1,
    roundsBeyondBound: 0,
    unreadable: 0,
    miscounted: 0,
    pushes: 600_000,
    kills: 60,
    stops: 10,
    restarts: 0,
    faults: {},
    seconds: 300,
  };
  const options = { seed: 1, speed: 6, subscriptions: 20_000 };
  expect(chaosReport([row, row], options)).toMatchObject({ met: true, rounds: 60, duplicates: 10 });
  expect(chaosReport([row, { ...row, ...change }], options).met).toBe(false);
});

test('a push meets the same fault again with the same seed, and another with another', () => {
  const faults = (seed: number) =>
    Array.from({ length: 100_000 }, (_, subscription) =>
      chooseFault({ message: 3, subscription, attempt: 0 }, { seed, factor: 1 }),
    );
  const first = faults(5);
  expect(faults(5)).toEqual(first);
  const failed = first.filter((fault) => fault !== undefined);
  // 1.04 %, of each kind some.
  expect(failed.length).toBeGreaterThan(900);
  expect(failed.length).toBeLessThan(1200);
  expect(new Set(failed.map(({ kind }) => kind))).toEqual(new Set(['status', 'reset', 'silent', 'cut']));
  expect(faults(6)).not.toEqual(first);
});

test('rounds are the same with the same seed, each kills somebody, and all that can happen comes in turn', () => {
  const plans = (seed: number) =>
    Array.from({ length: 30 }, (_, round) => planRound({ seed, round, engine: 'postgres' }));
  const planned = plans(5);
  expect(plans(5)).toEqual(planned);
  expect(plans(6)).not.toEqual(planned);
  expect(planned.every(({ kills }) => kills.length >= 1 && kills.length <= 3)).toBe(true);
  const counted = (['stop', 'second', 'crash'] as const).map(
    (extra) => planned.filter((plan) => plan[extra] !== undefined).length,
  );
  expect(counted).toEqual([10, 10, 10]);
});

test.each(['sqlite', 'postgres'] as const)('each fault that %s can have comes in turn', (engine) => {
  const names = faultsOf(engine);
  const planned = names.map((_, round) => planRound({ seed: 5, round, engine }).fault?.name);
  expect(planned).toEqual(names);
});
