interface ExtendableEventLike {
  waitUntil(work: Promise<unknown>): void;
}

/** The part of `PushEvent` that Belfry uses. */
export interface PushEventLike extends ExtendableEventLike {
  readonly data: { text(): string } | null;
  /** WebKit only: the notification of a mutable declarative push, whose `data` is null. */
  readonly notification?: object | null;
}

/** The part of `NotificationEvent` that Belfry uses when a notification is closed. */
export interface NotificationCloseEventLike extends ExtendableEventLike {
  readonly notification: NotificationLike;
}

/** The part of `NotificationEvent` that Belfry uses when one is clicked. */
export interface NotificationClickEventLike extends NotificationCloseEventLike {
  /** The button's name; `''` for the notification itself. */
  readonly action: string;
}

/** The part of `Notification` that Belfry uses by name; what it was shown with is read as a message's is. */
export interface NotificationLike {
  readonly data: unknown;
  readonly tag: string;
  close(): void;
}

/** The part of `ExtendableMessageEvent` that Belfry uses. */
export interface MessageEventLike extends ExtendableEventLike {
  readonly data: unknown;
  readonly ports: readonly AnswerPort[];
  readonly source: AnswerPort | null;
}

export interface AnswerPort {
  postMessage(message: unknown): void;
}

/** The part of `PushSubscriptionChangeEvent` that Belfry uses. */
export type SubscriptionChangeEventLike = ExtendableEventLike;

/** The events that Belfry listens to. */
export interface PushWorkerEvents {
  readonly push: PushEventLike;
  readonly notificationclick: NotificationClickEventLike;
  readonly notificationclose: NotificationCloseEventLike;
  readonly pushsubscriptionchange: SubscriptionChangeEventLike;
  readonly message: MessageEventLike;
}
