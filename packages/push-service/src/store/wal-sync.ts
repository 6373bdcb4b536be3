import { type FileHandle, open } from 'node:fs/promises';

/**
 * Flushes SQLite's write-ahead log to the disk, off the main thread, once for all who wait. With `synchronous = NORMAL`
 * a commit is in the log, where it survives kill -9 of the process; what this resolves survives a power cut too, as with
 * `FULL`, which would halt the process for each commit instead (measured here: 1 ms, and at times seconds).
 */
export class WalSync {
  readonly #path: string;
  #file: FileHandle | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param databasePath a file; its log is beside it, from the first commit on */
  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
  }

  /** Resolves when all that was committed before this call is on the disk. */
  synced(): Promise<void> {
    // A flush that is under way may have begun before the last commit.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const flushed = this.#flush();
      this.#running = flushed.catch(() => {});
      return flushed;
    });
    return this.#next;
  }

  async #flush(): Promise<void> {
    // Kept only where it could be opened: a process that is short of descriptors now may have some later.
    this.#file ??= await open(this.#path, 'r+');
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#file?.close();
  }
}
