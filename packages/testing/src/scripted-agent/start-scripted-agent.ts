import { AutopushAgent } from './autopush-agent.ts';
import type { ReceivedPush } from './received-push.ts';
import type { ScriptedAgent } from './scripted-agent.ts';

export interface ScriptedAgentOptions {
  /** Any autopush service; @belfry/push-service's `PushService` fits. */
  readonly pushService: { readonly autopushUrl: string };
  /** VAPID public key, base64url: the push service then takes pushes signed with it only. */
  readonly applicationServerKey?: string | undefined;
  /** Ends the agent at once, also after the start; a start under way rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each push, after it was acknowledged; pushes are then not kept for `nextPush`. */
  readonly onPush?: ((push: ReceivedPush) => void) | undefined;
}

/**
 * Connects a user agent without a browser to a push service, and subscribes it. Thousands fit in a process: an agent is one
 * WebSocket and one key pair, and sets no timers.
 *
 * @example
 * const agent = await startScriptedAgent({ pushService, applicationServerKey });
 * await webPush.sendNotification(agent.subscription, 'Hello');
 * expect((await agent.nextPush()).text()).toBe('Hello');
 * await agent.close();
 *
 * @throws ScriptedAgentError `push-service-unreachable`, `registration-refused`, `disconnected`, `unreadable-frame`. Nothing
 *   is left behind then.
 */
export async function startScriptedAgent(options: ScriptedAgentOptions): Promise<ScriptedAgent> {
  const { signal } = options;
  signal?.throwIfAborted();
  const agent = new AutopushAgent({ ...options, onClosed: () => signal?.removeEventListener('abort', terminate) });
  const terminate = (): void => agent.terminate();
  signal?.addEventListener('abort', terminate, { once: true });
  try {
    await agent.connect();
    await agent.subscribe();
    signal?.throwIfAborted();
    return agent;
  } catch (error) {
    agent.terminate();
    signal?.throwIfAborted();
    throw error;
  }
}
