/**
 * - `push-service-unreachable`: nothing answered at `autopushUrl`; its error is the `cause`
 * - `disconnected`: the connection ended, or there is none; `connect()` makes a new one
 * - `unreadable-frame`: the push service sent what is no autopush; the agent closed the connection
 * - `registration-refused`: the push service did not take the subscription; the message holds its status
 * - `undecryptable-push`: a push came that this subscription's keys do not open, or that is not aes128gcm
 * - `agent-closed`: `close()` was called, which no `connect()` takes back
 * - `not-subscribed`: the agent has had no subscription yet
 */
export type ScriptedAgentErrorCode =
  | 'push-service-unreachable'
  | 'disconnected'
  | 'unreadable-frame'
  | 'registration-refused'
  | 'undecryptable-push'
  | 'agent-closed'
  | 'not-subscribed';

/** The only error that a scripted agent throws. Switch on `code`. */
export class ScriptedAgentError extends Error {
  override readonly name = 'ScriptedAgentError';
  readonly code: ScriptedAgentErrorCode;

  constructor(code: ScriptedAgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
