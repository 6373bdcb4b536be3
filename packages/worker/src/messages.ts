declare global {
  /**
   * The application's message types: each name with its payload. Declared once, it is what `notify`, the worker's `onPush` and
   * `onMessage` check against. Without any, every type is a string and every payload unknown.
   *
   * @example
   * declare global {
   *   interface BelfryMessages {
   *     'chat.message': { from: string; text: string };
   *   }
   * }
   */
  interface BelfryMessages {}
}

/** The names of the application's message types. */
export type MessageType = keyof BelfryMessages extends never ? string : Extract<keyof BelfryMessages, string>;

/** What a message of this type carries. */
export type PayloadOf<Type> = Type extends keyof BelfryMessages ? BelfryMessages[Type] : unknown;

/** A message, as handlers and pages get it. */
export interface PushMessage<Type extends string = string> {
  /** Null for a message of another sender. */
  readonly id: string | null;
  /** Null for a message that is a notification alone. */
  readonly type: Type | null;
  /** As it was sent: nothing here checks it. */
  readonly payload: PayloadOf<Type>;
  readonly category: string | undefined;
  /** As declared; null for a message without one. A handler may return it, changed. */
  readonly notification: MessageNotification | null;
  /** The application's own `notification.data`; null where there is none. */
  readonly data: unknown;
}

/** The members that a notification was declared with (Notifications API, `NotificationOptions`), as far as they can be shown. */
export interface MessageNotification {
  readonly title: string;
  readonly body?: string | undefined;
  /** Where a click leads. */
  readonly url?: string | undefined;
  readonly [member: string]: unknown;
}

/** What a handler wants shown, in the flat form of a message; a title or a body is enough. */
export interface HandlerNotification {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly url?: string | undefined;
  readonly icon?: string | undefined;
  readonly tag?: string | undefined;
  readonly [member: string]: unknown;
}
