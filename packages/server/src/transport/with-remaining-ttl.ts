import type { PushRequest } from '@belfry/protocol';
import type { PendingSend } from './pending-send.ts';

/**
 * The request with what is left of its message's time, where its `TTL` says more: it was made when the message came into the queue,
 * and may have waited there for longer than a minute. Call it when the request begins.
 */
export function withRemainingTtl(
  request: PushRequest,
  { startedAtMs, endsAt }: Pick<PendingSend, 'startedAtMs' | 'endsAt'>,
): PushRequest {
  const { ttl } = request.headers;
  // TTL 0 stays: what has begun in time is now, however little is left.
  const leftSeconds = Math.max(1, Math.ceil((endsAt - startedAtMs) / 1000));
  if (ttl === undefined || Number(ttl) <= leftSeconds) return request;
  return { ...request, headers: { ...request.headers, ttl: String(leftSeconds) } };
}
