import { MAX_SEND_BODY_BYTES } from '../../limits.ts';
import type { Notified } from '../../belfry.ts';
import { jsonAnswer } from '../answers.ts';
import type { Clock } from '../../effects.ts';
import type { Visit } from '../create-handler.ts';
import type { RateLimit } from '../limits/rate-limit.ts';
import { readJsonBody } from '../read-json-body.ts';

export interface SendRoute {
  readonly limit: RateLimit;
  readonly clock: Clock;
  notify(target: unknown, message: unknown, options: unknown): Promise<Notified>;
}

/** `POST /send` with `{ target, message, options }`, for holders of an API key: 202 once the message is durable. */
export function sendRoute({ limit, clock, notify }: SendRoute): (request: Request, visit: Visit) => Promise<Response> {
  return async (request, visit) => {
    limit(visit.apiKey());
    const body = await readJsonBody(request, { maxBytes: MAX_SEND_BODY_BYTES, clock });
    const { target, message, options }: Record<string, unknown> = Object(body);
    const { id: messageId, devices } = await notify(target, message, withKey(options, request));
    return jsonAnswer(202, { data: { messageId, devices } });
  };
}

/** `Idempotency-Key` says the same as `options.idempotencyKey`; that the options are an object is checked where they are read. */
function withKey(options: unknown, request: Request): unknown {
  const idempotencyKey = request.headers.get('idempotency-key');
  if (idempotencyKey === null || typeof (options ?? {}) !== 'object') return options;
  return { idempotencyKey, ...Object(options) };
}
