import { fieldsOf } from './fields.ts';
import type { Shown, ShownPush } from './parse-push.ts';
import { readNotification } from './read-notification.ts';

/**
 * What a handler answered, to be shown in place of the push: tag, data and urls stay the message's where it names none. The push
 * itself where it has neither title nor body.
 */
export function readAnswer(push: ShownPush, answer: unknown): Shown {
  const { notification } = push.message;
  const declared = { tag: notification?.tag, url: notification?.url, data: push.message.data, ...fieldsOf(answer) };
  const { title, options } = readNotification(declared, push.options.data.belfry, push.title);
  return title ? { title, options } : push;
}
