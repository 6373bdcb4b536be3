import type { MessageType, PayloadOf } from './message-types.ts';

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A button of a notification. */
export interface MessageAction {
  /** The worker's name for it. */
  readonly action: string;
  readonly title: string;
  /** Where it leads; default: the notification's url. */
  readonly url?: string | undefined;
}

/**
 * What the user sees, in the words of the Notifications API. Urls may be relative: they resolve against the origin of
 * the pages that the device belongs to.
 */
export interface MessageNotification {
  /** Not empty. */
  readonly title: string;
  readonly body?: string | undefined;
  /** Where a click leads: within the server's `origins`; default `/`. */
  readonly url?: string | undefined;
  readonly icon?: string | undefined;
  readonly image?: string | undefined;
  readonly badge?: string | undefined;
  /** A notification replaces an earlier one with the same tag. */
  readonly tag?: string | undefined;
  /** BCP 47. */
  readonly lang?: string | undefined;
  readonly dir?: 'auto' | 'ltr' | 'rtl' | undefined;
  readonly actions?: readonly MessageAction[] | undefined;
  readonly requireInteraction?: boolean | undefined;
  readonly silent?: boolean | undefined;
  readonly renotify?: boolean | undefined;
  /** Milliseconds on, off, on, … */
  readonly vibrate?: readonly number[] | undefined;
  /** Milliseconds since 1970. */
  readonly timestamp?: number | undefined;
  /** The application's own; its worker gets it back at a click. */
  readonly data?: Json | undefined;
}

/** What is shown for a message that has no notification, where something has to be. */
export type DefaultNotification = Pick<MessageNotification, 'title' | 'body' | 'url' | 'icon'>;

/** `type` and `payload` for the application's code, `notification` for its user, or both. */
export interface FullMessage {
  /** Name of an event of the application. */
  readonly type?: string | undefined;
  readonly payload?: Json | undefined;
  /** What a user may mute. */
  readonly category?: string | undefined;
  readonly notification?: MessageNotification | undefined;
  /** The number on the application's icon; 0 takes it away. */
  readonly badgeCount?: number | undefined;
}

/** A notification alone, as common tutorials have it. */
export type FlatMessage = Pick<MessageNotification, 'title' | 'body' | 'url' | 'icon' | 'tag'>;

type Untyped = Omit<FullMessage, 'type' | 'payload'>;

/** A message of one of the application's types; its payload may be left out where its type has `undefined`. */
type MessageOf<Type extends MessageType> = Untyped & { readonly type: Type } & (undefined extends PayloadOf<Type>
    ? { readonly payload?: PayloadOf<Type> }
    : { readonly payload: PayloadOf<Type> });

/** A message for its user alone. */
type UserMessage = { readonly type?: undefined; readonly payload?: undefined } & (
  | (Untyped & { readonly notification: MessageNotification })
  | FlatMessage
);

/** What `notify` takes. Where `BelfryMessages` declares types, `type` is one of them, and `payload` is what it says. */
export type Message = keyof BelfryMessages extends never
  ? FullMessage | FlatMessage
  : { [Type in MessageType]: MessageOf<Type> }[MessageType] | UserMessage;
