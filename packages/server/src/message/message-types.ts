declare global {
  /**
   * The application's types of messages, each with its payload, which is JSON. Declared once, for `notify` on the server,
   * `onMessage` in the page and `onPush` in the worker; where nothing is declared, any type may have any payload.
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

/** Names of messages: those that `BelfryMessages` declares, and any text where it declares none. */
export type MessageType = keyof BelfryMessages extends never ? string : Extract<keyof BelfryMessages, string>;

/** The payload that `BelfryMessages` declares for a type; unknown where it declares none. */
export type PayloadOf<Type extends MessageType> = Type extends keyof BelfryMessages ? BelfryMessages[Type] : unknown;
