// What an application declares once, for its server, its pages and its service worker. Nothing here is run.

/** An interface: it has no index signature, other than what `Json` asks for. */
export interface ChatMessage {
  readonly from: string;
  readonly text: string;
}

declare global {
  interface BelfryMessages {
    'chat.message': ChatMessage;
    'expense.approved': { id: number; comment?: string };
    'cache.stale': undefined;
  }
}
