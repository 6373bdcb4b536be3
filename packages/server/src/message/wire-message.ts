import { MAX_PLAINTEXT_BYTES } from '@belfry/protocol';
import { BelfryError } from '../errors.ts';
import type { MessageNotification, FullMessage } from './message.ts';

/** What Belfry's worker needs to know of a message, in `notification.data.belfry` or `belfry` (design: the envelope). */
export interface EnvelopeIds {
  /** The message's public id. */
  readonly id: string;
  readonly binding: string;
  /** Order of messages: of two with one tag, the higher is the newer. */
  readonly seq: number;
}

const ENVELOPE_VERSION = 1;

/**
 * The plaintext for one device. With a notification it is a Declarative Web Push message (`mutable`, every url
 * absolute), which is also what the worker reads on browsers that know nothing of those.
 */
export function wireMessage(
  message: FullMessage,
  { ids, pageOrigin }: { ids: EnvelopeIds; pageOrigin: string },
): string {
  const { type, payload, category, notification, badgeCount } = message;
  const envelope = { v: ENVELOPE_VERSION, ...ids, category };
  if (notification === undefined) return JSON.stringify({ type, payload, belfry: envelope });
  return JSON.stringify({
    web_push: 8030,
    notification: {
      ...declared(notification, pageOrigin),
      data: { belfry: { ...envelope, type, payload }, data: notification.data },
      // WebKit read it here before the draft moved it.
      app_badge: badgeCount,
    },
    mutable: true,
    app_badge: badgeCount,
  });
}

/** JSON.stringify leaves out what is undefined. */
function declared(notification: MessageNotification, pageOrigin: string) {
  const { url, icon, image, badge, actions, data, ...rest } = notification;
  const absolute = (relative: string) => new URL(relative, pageOrigin).href;
  const navigate = absolute(url ?? '/');
  return {
    ...rest,
    navigate,
    icon: icon && absolute(icon),
    image: image && absolute(image),
    badge: badge && absolute(badge),
    // An action without `navigate` would void the whole declaration.
    actions: actions?.map((action) => ({
      action: action.action,
      title: action.title,
      navigate: action.url === undefined ? navigate : absolute(action.url),
    })),
  };
}

const LONGEST_IDS: EnvelopeIds = { id: 'x'.repeat(22), binding: 'x'.repeat(22), seq: Number.MAX_SAFE_INTEGER };

/**
 * Refuses a message that would not fit into a push for some device: it is measured with the longest ids and for each
 * origin, so the answer does not depend on who is subscribed.
 *
 * @throws {BelfryError} `message-too-large`
 */
export function checkSize(message: FullMessage, origins: readonly string[]): void {
  const bytes = Math.max(
    ...origins.map((pageOrigin) => Buffer.byteLength(wireMessage(message, { ids: LONGEST_IDS, pageOrigin }))),
  );
  if (bytes > MAX_PLAINTEXT_BYTES) {
    throw new BelfryError(
      'message-too-large',
      `A push message holds at most ${MAX_PLAINTEXT_BYTES} bytes; this one needs ${bytes}: shorten it, or send an id and let the page fetch the rest`,
    );
  }
}
