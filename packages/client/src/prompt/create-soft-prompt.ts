import type { PushClient } from '../push-client.ts';
import type { EnableResult } from '../push-results.ts';
import { type PromptMemory, type PromptMemoryEnvironment, promptMemory } from './prompt-memory.ts';

export interface SoftPromptOptions {
  /** How long a "no" holds, in days: the first one, the second one, and so on; after the last, for good. Default 7, 30, 90. */
  readonly backOffDays?: readonly number[];
  /** Due in state `needs-install` too, to show the way to the Home Screen. Default: false. */
  readonly offerInstall?: boolean;
  /** Default: the page's own `window`. */
  readonly environment?: SoftPromptEnvironment;
}

/** The part of `window` that the soft prompt uses. */
export interface SoftPromptEnvironment extends PromptMemoryEnvironment {
  readonly Date: { now(): number };
  /** How another tab's answers are heard of. */
  addEventListener(type: 'storage', listener: () => void): void;
  removeEventListener(type: 'storage', listener: () => void): void;
}

export interface SoftPrompt {
  /** Whether to ask now. The memory is read each time, so that a "no" in another tab counts here. */
  isDue(): boolean;
  /**
   * Calls the listener at once and at each change of `isDue()`, until the returned function is called. A back-off that ends
   * while the page is open is no change: it is heard at the next one.
   */
  onChange(listener: (isDue: boolean) => void): () => void;
  /**
   * The user said yes: `push.enable()`. Call it first thing in a click. Where the browser's own prompt was denied or dismissed,
   * and where all that came of it is the way to the Home Screen, it counts as a "no".
   */
  accept(): Promise<EnableResult>;
  /** The user said no. Until its back-off is over, another one changes nothing. */
  decline(): void;
  /** Forgets all answers. */
  reset(): void;
}

const DAY_MS = 86_400_000;

/**
 * Asks before the browser does: a "no" to that costs nothing, whereas one to the browser is for good. It draws nothing;
 * `defineBelfryPrompt` does. Due where push could be enabled (`promptable`, `off`) and the user neither declined lately nor ever
 * had it on. Whether this is the moment, and whether somebody is signed in, is for the app to say.
 *
 * The answers are in localStorage under `belfry:prompt`, for all tabs.
 */
export function createSoftPrompt(
  push: Pick<PushClient, 'state' | 'enable' | 'onState'>,
  { backOffDays = [7, 30, 90], offerInstall = false, environment = globalThis }: SoftPromptOptions = {},
): SoftPrompt {
  const memory = promptMemory(environment);
  const listeners = new Set<() => void>();

  function remember(answer: PromptMemory): void {
    memory.write(answer);
    tellAll();
  }

  function tellAll(): void {
    for (const tell of listeners) tell();
  }

  function rests({ declines, declinedAt, isDone }: PromptMemory): boolean {
    if (isDone) return true;
    if (declines === 0) return false;
    const days = backOffDays[declines - 1];
    return days === undefined || environment.Date.now() - declinedAt < days * DAY_MS;
  }

  function isDue(): boolean {
    const { status } = push.state;
    if (status === 'on') noteOn();
    const isOffered = status === 'promptable' || status === 'off' || (offerInstall && status === 'needs-install');
    return isOffered && !rests(memory.read());
  }

  function noteOn(): void {
    const known = memory.read();
    if (!known.isDone) memory.write({ ...known, isDone: true });
  }

  function decline(): void {
    const known = memory.read();
    if (rests(known)) return;
    remember({ ...known, declines: known.declines + 1, declinedAt: environment.Date.now() });
  }

  return {
    isDue,
    onChange(listener) {
      let last: boolean | null = null;
      const tell = (): void => {
        const due = isDue();
        if (due === last) return;
        last = due;
        listener(due);
      };
      listeners.add(tell);
      environment.addEventListener('storage', tell);
      const leave = push.onState(tell);
      return () => {
        leave();
        environment.removeEventListener('storage', tell);
        listeners.delete(tell);
      };
    },
    async accept() {
      // In the same turn: a browser shows its prompt only while the user's click counts.
      const result = await push.enable();
      if (result.outcome === 'on') noteOn();
      else if (result.outcome !== 'failed') decline();
      return result;
    },
    decline,
    reset() {
      memory.clear();
      tellAll();
    },
  };
}
