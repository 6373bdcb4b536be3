/** What is shown for a push that has nothing to show itself. */
export interface DefaultNotification {
  readonly title: string;
  readonly body?: string;
  readonly icon?: string;
  /** Where its click leads, and the click on any notification without a URL; default: the worker's scope. */
  readonly url?: string;
}

export interface PushWorkerOptions {
  /** Where the server's routes are; default: `/api/push`. What the page has set goes before it. */
  readonly api?: string;
  /** Shown for a push that has nothing to show; default: the origin's host as its title. */
  readonly defaultNotification?: DefaultNotification;
  /**
   * Whether a click may lead a page of the app elsewhere, where none is at its URL and none has `onNavigate`. Default: false, it
   * opens a new one, as what a user has typed in an open page would be lost.
   */
  readonly navigateOpenPages?: boolean;
}
