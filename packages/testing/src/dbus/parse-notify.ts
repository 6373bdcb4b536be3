import { isObject } from '../json-fields.ts';

/** What an application asks the desktop to show (Desktop Notifications Specification 1.2, Notify). */
export interface NotifyCall {
  /** The id of the notification whose place it takes, or 0. */
  readonly replacesId: number;
  readonly title: string;
  readonly body: string;
  /** `localhost:8787`. Chromium tells it apart from the body where the server has `x-kde-origin-name`. */
  readonly origin: string;
  /** The page's own action buttons. */
  readonly buttons: readonly ActionButton[];
}

export interface ActionButton {
  readonly key: string;
  readonly label: string;
}

/** The body of a Notify call, `susssasa{sv}i`; `undefined` for anything else. */
export function parseNotify(body: unknown): NotifyCall | undefined {
  if (!Array.isArray(body)) return undefined;
  const [, replacesId, , title, text, actions, hints]: unknown[] = body;
  const isText = typeof title === 'string' && typeof text === 'string';
  if (typeof replacesId !== 'number' || !isText || !isStrings(actions) || !isObject(hints)) return undefined;
  const origin = hints['x-kde-origin-name'];
  return {
    replacesId,
    title,
    body: text,
    origin: isObject(origin) && typeof origin['value'] === 'string' ? origin['value'] : '',
    buttons: pageButtons(actions),
  };
}

/**
 * Actions are keys and labels in turn. Chromium's keys of a page's actions are numbers, which count on when a
 * notification takes the place of another; `default` is the click itself and `settings` Chromium's own button.
 */
function pageButtons(actions: readonly string[]): readonly ActionButton[] {
  return actions.flatMap((key, index) => {
    const label = actions[index + 1];
    return index % 2 === 0 && label !== undefined && /^\d+$/.test(key) ? [{ key, label }] : [];
  });
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
