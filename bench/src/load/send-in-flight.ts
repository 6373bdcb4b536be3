export interface InFlightOptions {
  /** How many messages wait for their answer at any time. */
  readonly inFlight: number;
  /** The most to send. */
  readonly count: number;
  readonly durationMs: number;
  /** Milliseconds of any clock that is never set back. */
  readonly now: () => number;
}

/**
 * Closed loop: the next message goes when one was answered, so what is measured is the most that the other side takes.
 *
 * @param send sends the message with that number, from 0 on, and resolves with its answer
 * @returns how many were sent
 */
export async function sendInFlight(
  send: (sequence: number) => Promise<void>,
  { inFlight, count, durationMs, now }: InFlightOptions,
): Promise<number> {
  const endsAt = now() + durationMs;
  let sent = 0;
  const keepSending = async (): Promise<void> => {
    while (sent < count && now() < endsAt) await send(sent++);
  };
  await Promise.all(Array.from({ length: inFlight }, keepSending));
  return sent;
}
