/** How a program of this folder is called, and where it writes. */
export interface RunBenchOptions {
  /** Without node's own and the script's path. */
  readonly args: readonly string[];
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Ends the bench and its processes. */
  readonly signal: AbortSignal;
}
