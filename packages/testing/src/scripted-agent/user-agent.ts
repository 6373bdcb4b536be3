import { TestingError } from '../errors.ts';
import {
  type AgentConnection,
  type ConnectAgent,
  disconnected,
  type EncryptedPush,
  type PushFate,
} from './agent-connection.ts';
import { AgentSubscription, type PushSubscriptionJson } from './agent-subscription.ts';
import { PushQueue } from './push-queue.ts';
import { type ReceivedPush, receivedPush } from './received-push.ts';
import type { ScriptedAgent } from './scripted-agent.ts';

/** As of @belfry/push-service's `PushService`. */
export type ShareKeys = (endpoint: string, keys: { readonly privateKey: string; readonly auth: string }) => void;

export interface UserAgentOptions {
  readonly connect: ConnectAgent;
  readonly shareKeys: ShareKeys | undefined;
  readonly onPush?: ((push: ReceivedPush) => void) | undefined;
  readonly onClosed: () => void;
}

/** The scripted agent of any protocol: what it is across its connections, of which it has one or none. */
export class UserAgent implements ScriptedAgent {
  readonly #options: UserAgentOptions;
  readonly #queue = new PushQueue();
  #connection: AgentConnection | undefined;
  #connecting: Promise<void> | undefined;
  #subscribing: Promise<PushSubscriptionJson> | undefined;
  #live: AgentSubscription | undefined;
  #latest: PushSubscriptionJson | undefined;
  /** Why no push can come until `connect`: the service ended the connection, or the agent is closed. */
  #ended: TestingError | undefined;
  #isClosed = false;

  constructor(options: UserAgentOptions) {
    this.#options = options;
  }

  get subscription(): PushSubscriptionJson {
    if (this.#latest === undefined) throw new TestingError('not-subscribed', 'The agent has not subscribed yet');
    return this.#latest;
  }

  get isSubscribed(): boolean {
    return this.#live !== undefined;
  }

  nextPush({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<ReceivedPush> {
    return this.#queue.next({ signal, error: this.#ended });
  }

  connect(): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    if (this.#connection === undefined) this.#connecting = this.#openConnection();
    return this.#connecting ?? Promise.resolve();
  }

  async #openConnection(): Promise<void> {
    const connection = this.#options.connect({
      onPush: (push, acknowledge) => this.#receive(push, acknowledge),
      onLost: (error) => {
        this.#connection = undefined;
        this.#end(error);
      },
    });
    this.#connection = connection;
    this.#ended = undefined;
    if (!(await connection.open())) this.#live = undefined;
  }

  subscribe(): Promise<PushSubscriptionJson> {
    if (this.#live !== undefined) return Promise.resolve(this.subscription);
    this.#subscribing ??= this.#register().finally(() => (this.#subscribing = undefined));
    return this.#subscribing;
  }

  async #register(): Promise<PushSubscriptionJson> {
    const subscription = new AgentSubscription();
    const endpoint = await this.#connected().register(subscription.channelId);
    this.#live = subscription;
    this.#latest = subscription.toJson(endpoint);
    this.#shareKeys(subscription, this.#latest);
    return this.#latest;
  }

  #shareKeys({ privateKey }: AgentSubscription, { endpoint, keys: { auth } }: PushSubscriptionJson): void {
    try {
      this.#options.shareKeys?.(endpoint, { privateKey, auth });
    } catch {
      // Another push service has taken the place of the one that it was started with, and cannot show what comes.
    }
  }

  async unsubscribe(): Promise<boolean> {
    const connection = this.#connected();
    const subscription = this.#live;
    if (subscription === undefined) return false;
    this.#live = undefined;
    await connection.unregister(subscription.channelId);
    return true;
  }

  async disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async close(): Promise<void> {
    this.#markClosed();
    await this.disconnect();
  }

  /** Closes without a word to the service; what it sent last may come again under this name. */
  terminate(): void {
    this.#markClosed();
    this.#connection?.terminate();
    this.#connection = undefined;
  }

  #markClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end(closed());
    this.#options.onClosed();
  }

  #end(error: TestingError): void {
    this.#ended = error;
    this.#queue.rejectAll(error);
  }

  #connected(): AgentConnection {
    if (this.#isClosed) throw closed();
    if (this.#connection === undefined) throw disconnected();
    return this.#connection;
  }

  #receive({ channelId, version, body }: EncryptedPush, acknowledge: (fate: PushFate) => void): void {
    const subscription = this.#live;
    if (subscription?.channelId !== channelId || subscription.isRepeated(version)) return acknowledge('ignored');
    const { onPush } = this.#options;
    const opened = body === undefined ? { ok: true as const, value: new Uint8Array() } : subscription.decrypt(body);
    acknowledge(opened.ok ? 'decrypted' : 'undecryptable');
    if (!opened.ok) {
      const message = `A push could not be decrypted (${opened.error}): was it encrypted for this subscription, as aes128gcm?`;
      // Kept with onPush too: nothing else would tell.
      return this.#queue.add({ error: new TestingError('undecryptable-push', message) });
    }
    const push = receivedPush(opened.value);
    if (onPush === undefined) return this.#queue.add({ push });
    this.#queue.offer({ push });
    onPush(push);
  }
}

function closed(): TestingError {
  return new TestingError('agent-closed', 'The agent was closed: start another one');
}
