import { isRecord } from './is-record.ts';
import type { Envelope } from './envelope.ts';
import type { ShownAction, ShownOptions } from './shown-options.ts';

/** A notification as a message declares it, made safe for `showNotification`. */
export interface ReadNotification {
  /** Null where it has no title. */
  readonly title: string | null;
  readonly options: ShownOptions;
}

const TEXTS = ['body', 'lang', 'tag', 'icon', 'image', 'badge'] as const;
const SWITCHES = ['silent', 'renotify', 'requireInteraction'] as const;

/**
 * Reads the members of a declared notification, leaving out each one that `showNotification` would refuse with a
 * TypeError (Notifications API, "create a notification", and Web IDL's conversions): then the rest is still shown.
 */
export function readNotification(
  declared: Readonly<Record<string, unknown>>,
  envelope: Envelope | null,
): ReadNotification {
  const { dir, timestamp, vibrate } = declared;
  const { actions, urls } = readActions(declared.actions);
  const url = urlOf(declared);
  if (url !== null) urls[''] = url;
  const options: ShownOptions = { data: { belfry: envelope, data: appData(declared.data), urls } };

  for (const name of TEXTS) {
    const value = declared[name];
    if (isText(value)) options[name] = value;
  }
  for (const name of SWITCHES) {
    if (declared[name] === true) options[name] = true;
  }
  if (dir === 'ltr' || dir === 'rtl' || dir === 'auto') options.dir = dir;
  if (typeof timestamp === 'number') options.timestamp = timestamp;
  if (options.silent !== true && Array.isArray(vibrate))
    options.vibrate = vibrate.filter((ms) => typeof ms === 'number');
  if (actions.length > 0) options.actions = actions;
  if (options.tag === undefined && envelope !== null) options.tag = `belfry:${envelope.id}`;
  if (options.tag === undefined) delete options.renotify;

  return { title: isText(declared.title) ? declared.title : null, options };
}

function readActions(declared: unknown): { actions: ShownAction[]; urls: Record<string, string> } {
  const actions: ShownAction[] = [];
  // Without a prototype an action may have any name, `__proto__` too.
  const urls: Record<string, string> = Object.create(null);
  for (const each of Array.isArray(declared) ? declared : []) {
    if (!isRecord(each) || typeof each.action !== 'string' || typeof each.title !== 'string') continue;
    actions.push({ action: each.action, title: each.title, ...(isText(each.icon) && { icon: each.icon }) });
    const url = urlOf(each);
    if (url !== null) urls[each.action] = url;
  }
  return { actions, urls };
}

/** The app's data: Belfry's own messages carry it inside, beside the envelope; others' data is the app's as it is. */
function appData(data: unknown): unknown {
  return (isRecord(data) && 'belfry' in data ? data.data : data) ?? null;
}

/** `navigate` is the word of Declarative Web Push, `url` that of the flat form. */
function urlOf({ navigate, url }: Readonly<Record<string, unknown>>): string | null {
  if (isText(navigate)) return navigate;
  return isText(url) ? url : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
