import { type Audience, type EnqueueMessage, RECEIPT_KEY_BYTES, type Store } from '@belfry/store';
import type { Notified } from './belfry.ts';
import type { DeliveryEngine } from './delivery/delivery-engine.ts';
import type { SteadyClock } from './date/steady-clock.ts';
import type { RandomBytes } from './effects.ts';
import { BelfryError } from './errors.ts';
import { bodyHash } from './message/body-hash.ts';
import { checkUrls } from './message/check-urls.ts';
import type { FullMessage } from './message/message.ts';
import { type MessageContent, writeContent } from './message/message-content.ts';
import { type ParsedNotifyOptions, parseNotifyOptions } from './message/notify-options.ts';
import { parseMessage } from './message/parse-message.ts';
import { parseTarget } from './message/target.ts';
import { checkSize, type WireSettings } from './message/wire-message.ts';
import type { PushPriority } from './transport/push-transport.ts';
import { randomId } from './random-ids.ts';
import { unusableStore } from './unusable-store.ts';

export interface NotifyEffects extends WireSettings {
  readonly store: Store;
  readonly engine: DeliveryEngine;
  readonly clock: SteadyClock;
  readonly leaseMs: number;
  readonly randomBytes: RandomBytes;
}

/** `Belfry.notify`, for input of any shape: everything is checked before anything is stored. */
export type Notify = (target: unknown, message: unknown, options: unknown) => Promise<Notified>;

/**
 * TTL 0 is now or never: what has waited so long, for its process or in the queue of its push service, is not "now" any more. A
 * broadcast takes its time.
 */
const NOW_MS: Readonly<Record<PushPriority, number>> = { user: 10_000, broadcast: 3_600_000 };

export function createNotify(effects: NotifyEffects): Notify {
  const { store, engine, clock, leaseMs, randomBytes } = effects;
  return async (target, input, inputOptions) => {
    const now = clock.now();
    const audience = parseTarget(target);
    const message = parseMessage(input);
    const options = parseNotifyOptions(inputOptions, { now });
    const content = toContent({ audience, message, options });
    checkUrls(message, effects.origins);
    checkSize(content, effects);

    const hash = (): Uint8Array => bodyHash({ target, message: input, options: inputOptions });
    const enqueued = {
      ...toEnqueue({ audience, content, options, hash, now, leaseMs }),
      id: randomId<'MessageId'>(randomBytes),
      receiptKey: randomBytes(RECEIPT_KEY_BYTES),
      steadyNow: clock.steadyNow(),
    };
    const leasedAt = clock.elapsed();
    const stored = await store.enqueueMessage(enqueued).catch((cause: unknown) => {
      throw (
        unusableStore(cause) ??
        new BelfryError('unable-to-send-messages', 'The message could not be stored; try again', { cause })
      );
    });
    switch (stored.outcome) {
      case 'sending': {
        const settled = engine.deliver(stored.deliveries, leasedAt);
        return { id: enqueued.id, devices: stored.deliveries.length, settled: () => settled };
      }
      case 'queued':
        engine.wakeAt(enqueued.runAt);
        return { id: enqueued.id, devices: null, settled: async () => [] };
      case 'repeated':
        return { id: stored.id, devices: stored.devices, settled: async () => [] };
      case 'idempotency-conflict':
        throw new BelfryError(
          'idempotency-conflict',
          'This idempotencyKey was used for another message in the last 7 days: use a key of its own for each message',
        );
    }
  };
}

interface ParsedMessage {
  readonly audience: Audience;
  readonly message: FullMessage;
  readonly options: ParsedNotifyOptions;
}

/** What is undefined is left out of the JSON. */
function toContent({ audience, message, options }: ParsedMessage): MessageContent {
  const { at, ttl, urgency, topic, foreground } = options;
  const local = at.kind === 'local' ? at.local : undefined;
  return { message, options: { ttl, urgency, topic, foreground, local, priority: priorityOf(audience) } };
}

interface CheckedMessage extends Omit<ParsedMessage, 'message'> {
  readonly content: MessageContent;
  /** Of the request as it came. */
  hash(): Uint8Array;
  readonly now: number;
  readonly leaseMs: number;
}

function toEnqueue({
  audience,
  content,
  options,
  hash,
  now,
  leaseMs,
}: CheckedMessage): Omit<EnqueueMessage, 'id' | 'receiptKey'> {
  const { at, ttl, collapseKey = null, expiresAtMs: expiresAt, idempotencyKey, devicesPerSecond } = options;
  return {
    audience,
    content: writeContent(content),
    now,
    runAt: runAtOf(at, now),
    ttlMs: ttl === 0 ? NOW_MS[priorityOf(audience)] : ttl * 1000,
    expiresAt,
    collapseKey,
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: hash() },
    devicesPerSecond,
    leaseMs,
  };
}

function runAtOf(at: ParsedNotifyOptions['at'], now: number): number {
  switch (at.kind) {
    case 'now':
      return now;
    case 'at':
      return at.timeMs;
    case 'local':
      // Never at once, also where it is for one user: planning asks for the time zones.
      return now + 1;
  }
}

function priorityOf({ kind }: Audience): PushPriority {
  return kind === 'users' || kind === 'device' ? 'user' : 'broadcast';
}
