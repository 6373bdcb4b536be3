import type { FaultKind } from './inject-fault.ts';
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
