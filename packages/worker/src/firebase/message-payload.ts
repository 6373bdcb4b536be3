import { text } from '../fields.ts';
import type { PushMessage } from '../messages.ts';

export interface NotificationPayload {
  title?: string | undefined;
  body?: string | undefined;
  image?: string | undefined;
  icon?: string | undefined;
}

export interface FcmOptions {
  /** Where a click on the notification leads: an absolute URL. */
  link?: string | undefined;
}

/** A message as Firebase gives it to pages and service workers. */
export interface MessagePayload {
  messageId: string;
  /** `/topics/<name>` for a message to a topic; else `belfry`, where Firebase has the number of a project. */
  from: string;
  data?: Record<string, string> | undefined;
  notification?: NotificationPayload | undefined;
  fcmOptions?: FcmOptions | undefined;
}

/** Of a message of the type `fcm`, as `@belfry/server/firebase` sends it. */
export function toMessagePayload({ id, payload, notification }: PushMessage): MessagePayload {
  const { from, data }: Pick<MessagePayload, 'from' | 'data'> = Object(payload);
  const common = { messageId: id ?? '', from, data };
  if (notification === null) return common;
  const { title, body, image, icon, url } = notification;
  return {
    ...common,
    notification: { title, body, image: text(image) ?? undefined, icon: text(icon) ?? undefined },
    fcmOptions: { link: url },
  };
}
