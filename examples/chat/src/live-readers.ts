import { EventEmitter, once } from 'node:events';
import type { ChatMessage } from './store/message-log.ts';

type Listener = (message: ChatMessage) => void;

/** Who has the chat in front of them now: they get messages at once, and need no notification. */
export class LiveReaders {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #departures = new EventEmitter();

  add(name: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      this.#listeners.delete(name);
      this.#departures.emit(name);
    };
  }

  isReading(name: string): boolean {
    return this.#listeners.has(name);
  }

  /** Resolves when they have no page in front of them (any more). */
  async whenAway(name: string): Promise<void> {
    if (this.isReading(name)) await once(this.#departures, name);
  }

  tell(name: string, message: ChatMessage): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(message);
  }
}
