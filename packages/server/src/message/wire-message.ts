import { MAX_PLAINTEXT_BYTES } from '@belfry/protocol';
import { RECEIPT_TOKEN_LENGTH } from '@belfry/store';
import { BelfryError } from '../errors.ts';
import { markClick } from './click-mark.ts';
import type { DefaultNotification, FullMessage, MessageNotification } from './message.ts';
import type { MessageContent } from './message-content.ts';

/** As much of a stored message as is sent. */
export interface WireContent {
  readonly message: FullMessage;
  readonly options: Pick<MessageContent['options'], 'foreground'>;
}

/** What Belfry's worker needs to know of a message, in `notification.data.belfry` or `belfry` (design: the envelope). */
export interface EnvelopeIds {
  /** The message's public id. */
  readonly id: string;
  readonly binding: string;
  /** What the device reports the message with (see `receiptToken`); none for messages of an older version. */
  readonly token?: string | undefined;
  /** Order of messages: of two with one tag, the higher is the newer. */
  readonly seq: number;
}

/** The options of a server that shape its messages. */
export interface WireSettings {
  /** The pages that are served now. */
  readonly origins: readonly [string, ...string[]];
  readonly defaultNotification: DefaultNotification;
}

/** All that one device's text depends on, besides the message. */
export interface WirePlace extends Pick<WireSettings, 'defaultNotification'> {
  readonly ids: EnvelopeIds;
  /** Urls resolve against it. */
  readonly pageOrigin: string;
  /** To WebKit every message is declared, as it revokes a subscription for what shows nothing, and clicks are marked. */
  readonly isApple: boolean;
  /** One of so many devices that a few of them do for counting who reports; see {@link SAMPLED_RECEIPTS}. */
  readonly isSampled: boolean;
}

const ENVELOPE_VERSION = 1;

/** All that have nothing to show share it, so that ten messages are one line on the screen. The worker's is the same. */
const DEFAULT_TAG = 'belfry:default';

/** The share of a broadcast's devices that report what every device would: enough to count by, and no flood. */
const SAMPLED_RECEIPTS = 0.05;

/**
 * The plaintext for one device. With a notification it is a Declarative Web Push message (`mutable`, every url
 * absolute), which is also what the worker reads on browsers that know nothing of those.
 */
export function wireMessage({ message, options }: WireContent, place: WirePlace): string {
  const { type, payload, category, notification, badgeCount } = message;
  const envelope = {
    v: ENVELOPE_VERSION,
    ...place.ids,
    category,
    foreground: options.foreground,
    receipts: place.isSampled ? SAMPLED_RECEIPTS : undefined,
  };
  const shown = notification ?? (place.isApple ? { ...place.defaultNotification, tag: DEFAULT_TAG } : undefined);
  if (shown === undefined) return JSON.stringify({ type, payload, app_badge: badgeCount, belfry: envelope });
  return JSON.stringify({
    web_push: 8030,
    notification: {
      ...declared(shown, place),
      data: { belfry: { ...envelope, type, payload }, data: shown.data },
      // WebKit read it here before the draft moved it.
      app_badge: badgeCount,
    },
    mutable: true,
    app_badge: badgeCount,
  });
}

/** JSON.stringify leaves out what is undefined. */
function declared(notification: MessageNotification, { ids: { id, token = '' }, pageOrigin, isApple }: WirePlace) {
  const { url = '/', icon, image, badge, actions, data, ...rest } = notification;
  const absolute = (relative: string) => new URL(relative, pageOrigin).href;
  const navigate = (relative: string, action: string) =>
    isApple ? markClick(absolute(relative), { id, token, action }) : absolute(relative);
  return {
    ...rest,
    navigate: navigate(url, ''),
    icon: icon && absolute(icon),
    image: image && absolute(image),
    badge: badge && absolute(badge),
    // An action without `navigate` would void the whole declaration.
    actions: actions?.map(({ action, title, url: own = url }) => ({ action, title, navigate: navigate(own, action) })),
  };
}

const LONGEST_IDS: EnvelopeIds = {
  id: 'x'.repeat(22),
  binding: 'x'.repeat(22),
  token: 'x'.repeat(RECEIPT_TOKEN_LENGTH),
  seq: Number.MAX_SAFE_INTEGER,
};

/**
 * Refuses a message that would not fit into a push for some device: it is measured with the longest ids, for each
 * origin, and as Apple's devices get it, which is the longest form, so the answer does not depend on who is subscribed.
 *
 * @throws {BelfryError} `message-too-large`
 */
export function checkSize(content: WireContent, { origins, defaultNotification }: WireSettings): void {
  const place = { ids: LONGEST_IDS, isApple: true, isSampled: true, defaultNotification };
  const bytes = Math.max(
    ...origins.map((pageOrigin) => Buffer.byteLength(wireMessage(content, { ...place, pageOrigin }))),
  );
  if (bytes > MAX_PLAINTEXT_BYTES) {
    throw new BelfryError(
      'message-too-large',
      `A push message holds at most ${MAX_PLAINTEXT_BYTES} bytes; this one needs ${bytes}: shorten it, or send an id and let the page fetch the rest`,
    );
  }
}
