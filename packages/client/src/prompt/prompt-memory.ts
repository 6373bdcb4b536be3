/** What is remembered of the user's answers. */
export interface PromptMemory {
  readonly declines: number;
  /** Of the last one, in milliseconds since 1970. */
  readonly declinedAt: number;
  /** Push was on once: the user knows of it, and decides without being asked. */
  readonly isDone: boolean;
}

/** The part of `window` that keeps it. */
export interface PromptMemoryEnvironment {
  /** May throw or be missing, as in some private windows: then it is remembered as long as the page lives. */
  readonly localStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

export interface PromptMemoryStore {
  /** Reads it anew each time: another tab may have written. */
  read(): PromptMemory;
  write(memory: PromptMemory): void;
  clear(): void;
}

const KEY = 'belfry:prompt';
const NOTHING: PromptMemory = { declines: 0, declinedAt: 0, isDone: false };

export function promptMemory(environment: PromptMemoryEnvironment): PromptMemoryStore {
  /** What could not be stored. */
  let unsaved: PromptMemory | null = null;

  function save(memory: PromptMemory, store: (storage: PromptMemoryEnvironment['localStorage']) => void): void {
    try {
      store(environment.localStorage);
      unsaved = null;
    } catch {
      unsaved = memory;
    }
  }

  return {
    read() {
      if (unsaved !== null) return unsaved;
      try {
        return parseMemory(JSON.parse(environment.localStorage.getItem(KEY) ?? ''));
      } catch {
        return NOTHING;
      }
    },
    write: (memory) => save(memory, (storage) => storage.setItem(KEY, JSON.stringify({ v: 1, ...memory }))),
    clear: () => save(NOTHING, (storage) => storage.removeItem(KEY)),
  };
}

function parseMemory(stored: unknown): PromptMemory {
  const { v, declines, declinedAt, isDone }: Record<string, unknown> = Object(stored);
  if (v !== 1 || !isCount(declines) || !isCount(declinedAt)) return NOTHING;
  return { declines, declinedAt, isDone: isDone === true };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
