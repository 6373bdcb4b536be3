import { MAX_BODY_BYTES } from '@belfry/protocol';
import { RECEIPT_RELATION } from '../endpoint/receipt-request.ts';
import { MAX_TTL_SECONDS } from '../limits.ts';
import { createdHeaders } from './created-headers.ts';
import type { Persona } from './persona.ts';
import { ERROR_ANSWERS } from './rfc8030-errors.ts';

/** RFC 8030 as it stands, receipts included, with errors that say what to do. */
export const rfc8030: Persona = {
  name: 'rfc8030',
  maxBodyBytes: MAX_BODY_BYTES,
  maxTtlSeconds: MAX_TTL_SECONDS,
  givesReceipts: true,
  check: () => undefined,
  accepted(push) {
    const headers = createdHeaders(push);
    const { receipts } = push;
    if (receipts === undefined) return { status: 201, headers };
    const link = `<${receipts}>; rel="${RECEIPT_RELATION}"`;
    return { status: 202, headers: { ...headers, link, 'preference-applied': 'respond-async' } };
  },
  refused({ refusal, retryAfterSeconds }) {
    const error = ERROR_ANSWERS[refusal];
    return {
      status: error.code,
      headers: {
        'content-type': 'application/json',
        ...(error.code === 401 && { 'www-authenticate': 'vapid' }),
        ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      },
      body: JSON.stringify(error),
    };
  },
};
