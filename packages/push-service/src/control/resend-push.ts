import type { Clock } from '../clock.ts';
import type { ConnectedAgents } from '../connected-agents.ts';
import { PushServiceError } from '../errors.ts';
import type { IdentifierSource } from '../identifiers.ts';
import type { PushJournal } from '../journal/push-journal.ts';
import { RESEND_TTL_SECONDS } from '../limits.ts';
import type { PushStore } from '../store/push-store.ts';

export interface ResendContext {
  readonly store: PushStore;
  readonly agents: ConnectedAgents;
  readonly identifiers: IdentifierSource;
  readonly journal: PushJournal;
  readonly clock: Clock;
}

/**
 * Delivers the body of a push once more, under a new name: with its own, a user agent would drop it as a repetition.
 *
 * @throws {PushServiceError} `unknown-push`, `not-resendable`
 */
export function resendPush(pushId: number, { store, agents, identifiers, journal, clock }: ResendContext): void {
  const entry = journal.find(pushId);
  if (entry === undefined) {
    throw new PushServiceError('unknown-push', `Push ${pushId} is none of those that are kept: see pushes()`);
  }
  const { token, body, claims, headers, origin, persona } = entry;
  const channel = store.findChannel(token);
  if (body === undefined || entry.messageId === undefined || channel?.live !== true) {
    throw new PushServiceError(
      'not-resendable',
      `Push ${pushId} cannot be sent again: it was refused, or its subscription has ended`,
    );
  }
  const now = clock.now();
  // What was now or never is given time to arrive.
  const ttlSeconds = entry.ttlSeconds === undefined || entry.ttlSeconds === 0 ? RESEND_TTL_SECONDS : entry.ttlSeconds;
  const id = identifiers.messageId();
  const expiresAt = now + ttlSeconds * 1000;
  const message = { id, token, topic: undefined, urgency: 'normal', body, expiresAt, receipts: undefined } as const;
  // Nobody waits for it: a disk that fails is told to those who push.
  store.addMessage(message, channel).catch(() => {});
  const delivery = agents.deliver(channel.uaid, { id, channelId: channel.channelId, body });
  const state = delivery === 'acknowledged' ? 'delivered' : 'waiting';
  const sent = { at: now, origin, persona, token, headers, claims, body, ttlSeconds, messageId: id, state } as const;
  journal.add({ ...sent, resendOf: pushId, status: undefined, answer: undefined, fault: undefined });
}
