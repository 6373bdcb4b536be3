import type { HandlerNotification, PushMessage } from './messages.ts';
import type { PageLike } from './push-worker-scope.ts';

/** What a handler gets beside the message. */
export interface PushContext {
  /** The pages of this origin that are open, whoever controls them. */
  readonly pages: readonly PageLike[];
}

/** A click on a notification, or on one of its buttons. */
export interface PushClick<Type extends string = string> {
  /** The button's name; `''` for the notification itself. */
  readonly action: string;
  readonly message: PushMessage<Type>;
}

// Methods, so that a handler of one type fits the table of all: that a payload is what its type says is the application's word.
interface Handlers<Type extends string> {
  /** Answers what to show in place of the notification as declared; nothing, for that one. */
  push(
    message: PushMessage<Type>,
    context: PushContext,
  ): HandlerNotification | void | Promise<HandlerNotification | void>;
  /** Answers whether it has followed the click; else its URL is opened. */
  click(click: PushClick<Type>): boolean | void | Promise<boolean | void>;
}

export type PushHandler<Type extends string = string> = Handlers<Type>['push'];
export type ClickHandler<Type extends string = string> = Handlers<Type>['click'];
