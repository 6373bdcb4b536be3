import { readEnvelope } from './envelope.ts';
import { isRecord } from './is-record.ts';
import type { DefaultNotification } from './push-worker-scope.ts';
import { readNotification } from './read-notification.ts';
import type { ShownOptions } from './shown-options.ts';

/** What one push puts on the screen. */
export interface ShownPush {
  readonly title: string;
  readonly options: ShownOptions;
  /** A count for the app's icon, 0 for none; null where the message has nothing to say of it. */
  readonly appBadge: number | null;
}

type Message = Readonly<Record<string, unknown>>;

/** The notifications shown for pushes without one replace each other: ten data messages are one line, not ten. */
const DEFAULT_TAG = 'belfry:default';

/**
 * Reads a push message. It is total: any text, and none, gives something to show.
 *
 * - a JSON object with `notification` (Declarative Web Push), or flat: `{ title, body, url, icon, tag… }`
 * - a JSON object with neither title nor body, and an empty push: the default notification
 * - any other text: the body, under the default title
 *
 * @param text the message, decrypted and decoded; null for a push without one
 */
export function parsePush(text: string | null, defaultNotification: DefaultNotification): ShownPush {
  const message = parseMessage(text ?? '');
  const { app_badge: badge, belfry, notification } = message;
  return {
    ...toShow(isRecord(notification) ? notification : message, belfry, defaultNotification),
    appBadge: typeof badge === 'number' && Number.isSafeInteger(badge) && badge >= 0 ? badge : null,
  };
}

/**
 * Reads a declarative push that the browser parsed itself (WebKit: `event.data` is null, `event.notification` is set).
 * There `showNotification` throws without `navigate`, so it stays in the options. The badge is the browser's to set.
 */
export function parseDeclaredPush(declared: Message, defaultNotification: DefaultNotification): ShownPush {
  const { title, options } = toShow(declared, null, defaultNotification);
  const navigate = options.data.urls[''];
  return { title, options: navigate === undefined ? options : { ...options, navigate }, appBadge: null };
}

function toShow(
  declared: Message,
  flatEnvelope: unknown,
  defaultNotification: DefaultNotification,
): { title: string; options: ShownOptions } {
  const envelope = readEnvelope(flatEnvelope) ?? readEnvelope(isRecord(declared.data) ? declared.data.belfry : null);
  const own = readNotification(declared, envelope);
  if (own.title === null && own.options.body === undefined) {
    const { options } = readNotification({ ...defaultNotification, tag: DEFAULT_TAG }, envelope);
    return { title: defaultNotification.title, options };
  }
  return { title: own.title ?? defaultNotification.title, options: own.options };
}

function parseMessage(text: string): Message {
  try {
    const message: unknown = JSON.parse(text);
    if (isRecord(message)) return message;
  } catch {
    // Not JSON: a text for people, as a plain sender or a developer tool's "push" button sends it.
  }
  return { body: text };
}
