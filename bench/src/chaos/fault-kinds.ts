import type { Engine } from '../store/store-location.ts';
import type { FaultKind } from './fault-kind.ts';
import { readerFailed, writerFailed } from './faults/broken-threads.ts';
import { clockStep } from './faults/clock-step.ts';
import { diskFull } from './faults/disk-full.ts';
import { fileReplaced } from './faults/file-replaced.ts';
import { secondOpen, symbolicLink } from './faults/second-open.ts';

/**
 * What `planRound` deals out: each round has one of them, in turn. To add a fault, write its file in `faults/` and name it here.
 */
export const FAULT_KINDS = {
  'clock-step': clockStep,
  'second-open': secondOpen,
  'symbolic-link': symbolicLink,
  'file-replaced': fileReplaced,
  'reader-failed': readerFailed,
  'writer-failed': writerFailed,
  'disk-full': diskFull,
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultName = keyof typeof FAULT_KINDS;

/** The faults that an engine can have, in the order in which rounds take them. */
export function faultsOf(engine: Engine): FaultName[] {
  const names = Object.keys(FAULT_KINDS).filter((name): name is FaultName => name in FAULT_KINDS);
  return names.filter((name) => kindOf(name).engines.includes(engine));
}

export function kindOf(name: FaultName): FaultKind {
  return FAULT_KINDS[name];
}
