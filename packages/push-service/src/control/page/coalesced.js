// @ts-check

/**
 * Runs one call at a time, and one more for all that were made meanwhile: a thousand pushes at once read the lists twice.
 *
 * @param {() => Promise<void>} read
 * @returns {() => Promise<void>} resolves when a run that began after the call is over
 */
export function coalesced(read) {
  /** @type {Promise<void> | undefined} */
  let running;
  let isStale = false;

  async function run() {
    try {
      while (isStale) {
        isStale = false;
        // oxlint-disable-next-line no-await-in-loop
        await read();
      }
    } finally {
      running = undefined;
    }
  }

  return () => {
    isStale = true;
    running ??= run();
    return running;
  };
}
