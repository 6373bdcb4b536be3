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

/** What a page gets of a message. */
export interface PageMessage<Type extends MessageType = MessageType> {
  readonly id: string;
  /** Null for a message that is a notification alone. */
  readonly type: Type | null;
  readonly payload: PayloadOf<Type>;
  readonly category?: string;
  /** What would have been shown; null where there is none. */
  readonly notification: PageNotification | null;
  /** The application's own `notification.data`. */
  readonly data?: unknown;
}

/** The part of a notification that a page may want to show itself. */
export interface PageNotification {
  readonly title: string;
  readonly body?: string;
  readonly icon?: string;
  readonly image?: string;
  readonly tag?: string;
  /** Where a click would have led. */
  readonly url?: string;
}
