import type { FaultKind } from './inject-fault.ts';
import { secondOpen } from './faults/second-open.ts';

/**
 * What `planRound` deals out: each round has one of them, in turn. To add a fault, write its file in `faults/` and name it here.
 */
export const FAULT_KINDS = {
  'second-open': secondOpen,
} as const satisfies Readonly<Record<string, FaultKind>>;
