import type { Envelope } from './envelope.ts';
import { type Fields, fieldsOf, text } from './fields.ts';
import type { ShownAction, ShownOptions } from './shown-options.ts';

/** A notification as a message declares it, made safe for `showNotification`. */
export interface ReadNotification {
  /** Undefined where there is nothing to show: neither a title nor a body. */
  readonly title: string | undefined;
  readonly options: ShownOptions;
}

/**
 * Reads the members of a declared notification, leaving out each one that `showNotification` would refuse with a
 * TypeError (Notifications API, "create a notification", and Web IDL's conversions): then the rest is still shown.
 *
 * @param defaultTitle of one that has a body alone
 */
export function readNotification(declared: Fields, envelope: Envelope | null, defaultTitle: string): ReadNotification {
  const actions: ShownAction[] = [];
  // Without a prototype an action may have any name, `__proto__` too.
  const urls: Record<string, string> = Object.create(null);
  const options: ShownOptions = { data: { belfry: envelope, data: appData(declared.data), urls } };

  for (const each of [declared, ...[declared.actions].flat().map(fieldsOf)]) {
    const action = each === declared ? '' : text(each.action);
    const title = text(each.title);
    // `navigate` is the word of Declarative Web Push, `url` that of the flat form.
    const url = text(each.navigate) ?? text(each.url);
    if (action && title) actions.push({ action, title, icon: text(each.icon), url });
    if (action !== undefined && url) urls[action] = url;
  }
  // What is undefined is as good as absent.
  for (const name of ['body', 'lang', 'tag', 'icon', 'image', 'badge'] as const) options[name] = text(declared[name]);
  for (const name of ['silent', 'renotify', 'requireInteraction'] as const)
    options[name] = declared[name] === true || undefined;
  options.dir = (['ltr', 'rtl', 'auto'] as const).find((each) => each === declared.dir);
  if (typeof declared.timestamp === 'number') options.timestamp = declared.timestamp;
  if (!options.silent && Array.isArray(declared.vibrate))
    options.vibrate = declared.vibrate.filter((ms) => typeof ms === 'number');
  if (actions[0]) options.actions = actions;
  if (envelope) options.tag ??= `belfry:${envelope.id}`;
  if (!options.tag) delete options.renotify;

  return { title: text(declared.title) ?? (options.body && defaultTitle), options };
}

/** The app's data: Belfry's own messages carry it inside, beside the envelope; others' data is the app's as it is. */
function appData(data: unknown): unknown {
  const fields = fieldsOf(data);
  return ('belfry' in fields ? fields.data : data) ?? null;
}
