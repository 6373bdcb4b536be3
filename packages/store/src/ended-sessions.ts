import type { SessionId } from './ids.ts';

/** How long the end of a session is remembered: no request is under way for longer. */
export const SESSION_END_REMEMBERED_MS = 600_000;

/** The sessions that ended lately in this process. */
export interface EndedSessions {
  add(sessionId: SessionId): void;
  /** Whether the session ended since a request came that is `requestAgeMs` old. */
  hasEnded(sessionId: SessionId, requestAgeMs: number): boolean;
}

/** @param elapsed a monotonic clock, in milliseconds */
export function createEndedSessions(elapsed: () => number): EndedSessions {
  /** When each ended; the one that ended first is first. */
  const endedAt = new Map<SessionId, number>();
  return {
    add(sessionId) {
      const now = elapsed();
      for (const [oldest, at] of endedAt) {
        if (now - at < SESSION_END_REMEMBERED_MS) break;
        endedAt.delete(oldest);
      }
      endedAt.delete(sessionId);
      endedAt.set(sessionId, now);
    },
    hasEnded(sessionId, requestAgeMs) {
      const at = endedAt.get(sessionId);
      return at !== undefined && at > elapsed() - requestAgeMs;
    },
  };
}
