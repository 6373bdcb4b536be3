import type { Json } from '../message/message.ts';

// The names of firebase-admin, so that code which uses its types changes one import.

export interface Notification {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly imageUrl?: string | undefined;
}

/** In the words of the Notifications API. */
export interface WebpushNotification {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly icon?: string | undefined;
  readonly image?: string | undefined;
  readonly badge?: string | undefined;
  readonly tag?: string | undefined;
  readonly lang?: string | undefined;
  readonly dir?: 'auto' | 'ltr' | 'rtl' | undefined;
  /** At most 8; their icons are left out. */
  readonly actions?:
    | readonly { readonly action: string; readonly title: string; readonly icon?: string | undefined }[]
    | undefined;
  readonly requireInteraction?: boolean | undefined;
  readonly silent?: boolean | undefined;
  readonly renotify?: boolean | undefined;
  /** Milliseconds on, off, on, … */
  readonly vibrate?: number | readonly number[] | undefined;
  /** Milliseconds since 1970. */
  readonly timestamp?: number | undefined;
  readonly data?: Json | undefined;
}

export interface WebpushConfig {
  /** `TTL` in seconds, `Urgency` and `Topic`, in capitals or not; others are ignored. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of the message's. */
  readonly data?: Readonly<Record<string, string>> | undefined;
  /** Each of its fields goes before the same one of the message's notification. */
  readonly notification?: WebpushNotification | undefined;
  /** `link`: where a click leads: a path, or a url of the server's `origins`. */
  readonly fcmOptions?: { readonly link?: string | undefined } | undefined;
}

export interface BaseMessage {
  readonly data?: Readonly<Record<string, string>> | undefined;
  /** It needs a title, here or in `webpush`. */
  readonly notification?: Notification | undefined;
  readonly webpush?: WebpushConfig | undefined;
  /** Ignored. */
  readonly android?: object | undefined;
  /** Ignored. */
  readonly apns?: object | undefined;
  /** Ignored. */
  readonly fcmOptions?: object | undefined;
}

/** For one device: its token is the device id that it got when it subscribed. */
export interface TokenMessage extends BaseMessage {
  readonly token: string;
}

export interface TopicMessage extends BaseMessage {
  /** `news` or `/topics/news`. */
  readonly topic: string;
}

export interface ConditionMessage extends BaseMessage {
  readonly condition: string;
}

export type Message = TokenMessage | TopicMessage | ConditionMessage;

export interface MulticastMessage extends BaseMessage {
  /** 1 to 500. */
  readonly tokens: readonly string[];
}

/** The payload of Belfry's message, whose type is `fcm`. */
export interface FcmPayload {
  /** `/topics/<name>` for a topic; else `belfry`, where Firebase has the number of a project. */
  readonly from: string;
  readonly data?: Readonly<Record<string, string>>;
}
