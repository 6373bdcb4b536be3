import type { ChromiumPushEndpoints } from '../chromium/push-switches.ts';
import type { ConnectAgent } from './agent-connection.ts';
import { AutopushConnection, type AutopushIdentity } from './autopush/autopush-connection.ts';
import { McsConnection, type McsProfile } from './mcs/mcs-connection.ts';
import type { ReceivedPush } from './received-push.ts';
import type { ScriptedAgent } from './scripted-agent.ts';
import { type ShareKeys, UserAgent } from './user-agent.ts';

export type ScriptedAgentOptions = AutopushAgentOptions | McsAgentOptions;

/** A user agent that speaks what Firefox speaks. */
export interface AutopushAgentOptions extends CommonOptions {
  readonly protocol?: 'autopush' | undefined;
  /** Any autopush service; @belfry/push-service's `PushService` fits. */
  readonly pushService: { readonly autopushUrl: string } & MayShareKeys;
  /** VAPID public key, base64url: the push service then takes pushes signed with it only. */
  readonly applicationServerKey?: string | undefined;
}

/** A user agent that speaks what Chromium speaks. Its endpoints have the origin of Google Chrome's. */
export interface McsAgentOptions extends CommonOptions {
  readonly protocol: 'mcs';
  /** What Chromium would be started with; @belfry/push-service's `PushService` fits. */
  readonly pushService: { readonly chromium: ChromiumPushEndpoints } & MayShareKeys;
  /** VAPID public key, base64url. Chromium has no subscription without one. */
  readonly applicationServerKey: string;
}

/** A push service of the same process is given the agent's keys, so that it can show what the agent received. */
interface MayShareKeys {
  readonly shareKeys?: ShareKeys | undefined;
}

interface CommonOptions {
  /** Ends the agent at once, also after the start; a start under way rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each push, after it was acknowledged; pushes are then not kept for `nextPush`. */
  readonly onPush?: ((push: ReceivedPush) => void) | undefined;
}

/**
 * Connects a user agent without a browser to a push service, and subscribes it. Thousands fit in a process: an agent is one
 * WebSocket or TLS connection and one key pair, and sets no timers.
 *
 * @example
 * const agent = await startScriptedAgent({ pushService, applicationServerKey });
 * await webPush.sendNotification(agent.subscription, 'Hello');
 * expect((await agent.nextPush()).text()).toBe('Hello');
 * await agent.close();
 *
 * @throws TestingError `push-service-unreachable`, `registration-refused`, `disconnected`, `unreadable-frame`. Nothing is
 *   left behind then.
 */
export async function startScriptedAgent(options: ScriptedAgentOptions): Promise<ScriptedAgent> {
  const { signal, onPush, pushService } = options;
  signal?.throwIfAborted();
  const onClosed = (): void => signal?.removeEventListener('abort', terminate);
  const agent = new UserAgent({ connect: connectBy(options), shareKeys: pushService.shareKeys, onPush, onClosed });
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

function connectBy(options: ScriptedAgentOptions): ConnectAgent {
  const { applicationServerKey } = options;
  if (options.protocol === 'mcs') {
    const { chromium: endpoints } = options.pushService;
    const profile: McsProfile = { credentials: undefined, unconfirmed: [] };
    return (events) => new McsConnection({ endpoints, applicationServerKey, profile }, events);
  }
  const { autopushUrl } = options.pushService;
  const identity: AutopushIdentity = { uaid: undefined };
  return (events) => new AutopushConnection({ autopushUrl, applicationServerKey, identity }, events);
}
