import { envelopeOf } from './envelope.ts';
import { type Fields, isRecord, text } from './fields.ts';
import type { PushMessage } from './messages.ts';
import type { DefaultNotification } from './push-worker-options.ts';
import { readNotification } from './read-notification.ts';
import type { ShownOptions } from './shown-options.ts';

/** A notification, as it is given to `showNotification`. */
export interface Shown {
  readonly title: string;
  readonly options: ShownOptions<unknown>;
}

/** What one push puts on the screen, and what it says to handlers and pages. */
export interface ShownPush extends Shown {
  readonly options: ShownOptions;
  /** A count for the app's icon, 0 for none; null where the message has nothing to say of it. */
  readonly appBadge: number | null;
  readonly message: PushMessage;
}

/** The notifications shown for pushes without one replace each other: ten data messages are one line, not ten. */
const DEFAULT_TAG = 'belfry:default';

/**
 * Reads a push message. It is total: any text, and none, gives something to show.
 *
 * - a JSON object with `notification` (Declarative Web Push), or flat: `{ title, body, url, icon, tag… }`
 * - a JSON object with neither title nor body, and an empty push: the default notification
 * - any other text: the body, under the default title
 *
 * @param json the message, decrypted and decoded; null for a push without one
 */
export function parsePush(json: string | null, defaultNotification: DefaultNotification): ShownPush {
  const fields = parseFields(json);
  const { app_badge: badge, notification } = fields;
  return {
    ...parseDeclaredPush(isRecord(notification) ? notification : fields, defaultNotification, fields),
    appBadge: typeof badge === 'number' && badge >>> 0 === badge ? badge : null,
  };
}

/**
 * Reads a declarative push that the browser parsed itself (WebKit: `event.data` is null, `event.notification` is set), or a
 * notification that is on the screen. The badge is the browser's to set.
 *
 * @param beside what the message has beside its notification
 */
export function parseDeclaredPush(
  declared: Fields,
  defaultNotification: DefaultNotification,
  beside: Fields = {},
): ShownPush {
  const found = envelopeOf(beside) ?? envelopeOf(declared.data);
  // A message without a notification has them beside its envelope. A click reads them where all others have them.
  const envelope = found && { type: beside.type, payload: beside.payload, ...found };
  const fields: Fields = envelope ?? beside;
  const own = readNotification(declared, envelope, defaultNotification.title);
  const { title, options } = own.title
    ? own
    : readNotification({ ...defaultNotification, tag: DEFAULT_TAG }, envelope, defaultNotification.title);
  const { data, ...members } = options;
  return {
    title: title ?? defaultNotification.title,
    options,
    appBadge: null,
    message: {
      id: found && found.id,
      type: text(fields.type) ?? null,
      payload: fields.payload,
      category: text(fields.category),
      // To WebKit the server declares its own default where a message has no notification.
      notification: title && options.tag !== DEFAULT_TAG ? { title, ...members, url: data.urls[''] } : null,
      data: own.options.data.data,
    },
  };
}

function parseFields(json: string | null): Fields {
  try {
    const message: unknown = JSON.parse(json ?? '');
    if (isRecord(message)) return message;
  } catch {
    // Not JSON: a text for people, as a plain sender or a developer tool's "push" button sends it.
  }
  return { body: json };
}
