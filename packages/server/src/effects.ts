/** The time, and timers. A test passes its own and turns the hands itself. */
export interface Clock {
  /** Milliseconds since 1970. It jumps where somebody sets the clock. */
  now(): number;
  /** Milliseconds since some moment in the past; never set back, and it goes on while the process is stopped. */
  elapsed(): number;
  /** Calls back once, after `delayMs`; the function it answers cancels that. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Where Belfry reports. Nothing it passes ever holds an endpoint, a key or a token. */
export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** So many random bytes, fit for secrets. */
export type RandomBytes = (length: number) => Uint8Array;

/** setTimeout takes 31 bits of milliseconds; a longer delay would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};

/** Warnings and errors on stderr, as JSON lines. */
export const stderrLogger: Logger = {
  info() {},
  warn: (message, fields) => writeLine('warn', message, fields),
  error: (message, fields) => writeLine('error', message, fields),
};

function writeLine(level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stderr.write(`${JSON.stringify({ level, message: `belfry: ${message}`, ...fields })}\n`);
}
