import type { MessagingError } from './messaging-error.ts';

export type SendResponse =
  | { readonly success: true; readonly messageId: string }
  | { readonly success: false; readonly error: MessagingError };

/** What came of several messages, in the order in which they were given. */
export interface BatchResponse {
  readonly responses: readonly SendResponse[];
  readonly successCount: number;
  readonly failureCount: number;
}

export interface MessagingTopicManagementResponse {
  readonly successCount: number;
  readonly failureCount: number;
  /** `index` is the token's place in what was given. */
  readonly errors: readonly { readonly index: number; readonly error: MessagingError }[];
}
