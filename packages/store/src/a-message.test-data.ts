import { randomBytes, randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { NOW } from './a-device.test-data.ts';
import type { Audience, Condition } from './audience.ts';
import type { EnqueueMessage } from './message.ts';
import { RECEIPT_KEY_BYTES } from './receipt-token.ts';

export const MINUTE_MS = 60_000;

/** A message to ada, to be sent at once, that lives for a minute. */
export function aMessage(change: Partial<EnqueueMessage> = {}): EnqueueMessage {
  const now = change.now ?? NOW;
  return {
    id: branded(randomUUID()),
    audience: toUsers('ada'),
    content: '{}',
    receiptKey: new Uint8Array(randomBytes(RECEIPT_KEY_BYTES)),
    now,
    runAt: now,
    ttlMs: MINUTE_MS,
    expiresAt: null,
    collapseKey: null,
    idempotency: null,
    devicesPerSecond: null,
    leaseMs: MINUTE_MS,
    ...change,
  };
}

export function toUsers(...userIds: readonly string[]): Audience {
  return { kind: 'users', userIds: userIds.map((userId) => branded(userId)) };
}

export function toCondition(condition: Condition): Audience {
  return { kind: 'condition', condition };
}

export function topic(name: string): Condition {
  return { kind: 'topic', topic: branded(name) };
}

export function not(of: Condition): Condition {
  return { kind: 'not', of };
}

export function and(...of: readonly Condition[]): Condition {
  return { kind: 'and', of };
}

export function or(...of: readonly Condition[]): Condition {
  return { kind: 'or', of };
}
