import type { AgentProtocol } from './agents-process.ts';

/** One variant of the bench: a push service, its agents and a sender, begun anew. */
export interface RowOptions extends RowSize {
  readonly name: string;
  readonly protocol: AgentProtocol;
  /** Whether a 201 is on disk. */
  readonly durable: boolean;
}

/** The same for all variants. */
export interface RowSize {
  readonly connections: number;
  /** How long the push service is left alone before its memory is read, twice. */
  readonly settleMs: number;
  /** How long messages are sent at each number in flight. */
  readonly peakMs: number;
  /** How long they are sent at half of the peak. */
  readonly latencyMs: number;
}

/** What is done around the measuring. */
export interface RowContext {
  /** Where a folder for the push service's data is made, and removed again. */
  readonly dataRoot: string;
  /** Where to write CPU profiles of the push service at its peak; none if absent. */
  readonly profileDir?: string | undefined;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}
