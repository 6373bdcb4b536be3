import type { PageMessage } from '../messages.ts';

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

/** A message of the type `fcm`, as `@belfry/server/firebase` sends it. */
export interface FcmMessage extends Pick<PageMessage, 'id' | 'notification'> {
  readonly payload: Pick<MessagePayload, 'from' | 'data'>;
}

export function toMessagePayload({ id, payload: { from, data }, notification }: FcmMessage): MessagePayload {
  const payload = { messageId: id, from, data };
  if (notification === null) return payload;
  const { title, body, image, icon, url } = notification;
  return { ...payload, notification: { title, body, image, icon }, fcmOptions: { link: url } };
}
