import type { Clock, Logger } from '../effects.ts';

/** Logs a fault. A line of the same kind that comes within a minute of the last is only counted. */
export type ReportFault = (kind: string, fields: Readonly<Record<string, unknown>>) => void;

/** Strangers can cause some faults as often as they like: they must not fill the log. */
const QUIET_MS = 60_000;

/** `kind` goes into the line, and must be one of a few fixed texts. `omitted` says how many lines were left out before. */
export function createFaultLog({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): ReportFault {
  const kinds = new Map<string, { loggedAt: number; omitted: number }>();
  return (kind, fields) => {
    const last = kinds.get(kind);
    if (last !== undefined && clock.elapsed() - last.loggedAt < QUIET_MS) {
      last.omitted++;
      return;
    }
    kinds.set(kind, { loggedAt: clock.elapsed(), omitted: 0 });
    logger.error('A request failed', { id: kind, ...fields, ...(last?.omitted ? { omitted: last.omitted } : {}) });
  };
}
