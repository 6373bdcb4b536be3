import type { ChromiumPushEndpoints } from '../../chromium/push-switches.ts';
import { TestingError } from '../../errors.ts';
import { type AgentConnection, type ConnectionEvents, disconnected } from '../agent-connection.ts';
import { checkIn, type GcmCredentials } from './check-in.ts';
import { McsSession } from './mcs-session.ts';
import type { UnconfirmedMessage } from './mcs-stream.ts';
import type { DataMessage } from './parse-server-message.ts';
import { type RegistrationOptions, register, unregister } from './register.ts';

export interface McsConnectionOptions {
  readonly endpoints: ChromiumPushEndpoints;
  /** VAPID public key, base64url. Undefined only where the caller's types are not checked. */
  readonly applicationServerKey: string | undefined;
  readonly profile: McsProfile;
}

/** What a Chromium profile keeps from one connection to the next. */
export interface McsProfile {
  credentials: GcmCredentials | undefined;
  readonly unconfirmed: UnconfirmedMessage[];
}

/** What Google Chrome puts before a token: it is built into each browser, and no service has a say in it. */
const ENDPOINT_PREFIX = 'https://fcm.googleapis.com/fcm/send/';

/** What Chromium puts before a subscription's name: 'wp:' and the page's origin. */
const SUBTYPE_PREFIX = 'wp:https://scripted-agent.test/#';

/** Checks in and registers over HTTP, and has one MCS session; a second one after a login that was refused. */
export class McsConnection implements AgentConnection {
  readonly #options: McsConnectionOptions;
  readonly #events: ConnectionEvents;
  /** Aborted once the connection is over. Its reason is the error of what was under way. */
  readonly #over = new AbortController();
  #session: McsSession | undefined;

  constructor(options: McsConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
  }

  async open(): Promise<boolean> {
    const { endpoints, profile } = this.#options;
    try {
      if (profile.credentials !== undefined && (await this.#logIn(profile.credentials))) return true;
      // The first time, or the service has forgotten it. Chromium would back off, and learn it at its next check-in.
      profile.credentials = await checkIn({ url: endpoints.checkinUrl, signal: this.#over.signal });
      profile.unconfirmed.length = 0;
      if (await this.#logIn(profile.credentials)) return false;
      throw disconnected({ why: 'The push service refused the login of its own check-in' });
    } catch (error) {
      if (error instanceof TestingError) this.#lose(error);
      throw error;
    }
  }

  async register(channelId: string): Promise<string> {
    const { applicationServerKey } = this.#options;
    if (applicationServerKey === undefined) {
      const message = 'Chromium has no subscription without an applicationServerKey: give one, or use autopush';
      throw new TestingError('registration-refused', message);
    }
    return ENDPOINT_PREFIX + (await register({ ...this.#registration(channelId), applicationServerKey }));
  }

  unregister(channelId: string): Promise<void> {
    return unregister(this.#registration(channelId));
  }

  async close(): Promise<void> {
    this.#over.abort(disconnected());
    await this.#session?.end();
  }

  terminate(): void {
    this.#over.abort(disconnected());
    this.#session?.destroy();
  }

  #registration(channelId: string): RegistrationOptions {
    const { endpoints, profile } = this.#options;
    if (profile.credentials === undefined) throw disconnected();
    const { signal } = this.#over;
    const subtype = SUBTYPE_PREFIX + channelId;
    return { url: endpoints.registrationUrl, credentials: profile.credentials, subtype, signal };
  }

  /** @returns false where the service refused */
  #logIn(credentials: GcmCredentials): Promise<boolean> {
    const { endpoints, profile } = this.#options;
    this.#over.signal.throwIfAborted();
    this.#session = new McsSession({
      endpoints,
      credentials,
      unconfirmed: profile.unconfirmed,
      onMessage: (message, acknowledge) => this.#receive(message, acknowledge),
      onEnd: (error) => this.#lose(error),
    });
    return this.#session.loggedIn;
  }

  /** Chromium acknowledges all alike: what arrived, not what became of it. */
  #receive({ from, subtype, body }: DataMessage, acknowledge: () => void): void {
    // With another key in `from` Chromium finds none of its own to decrypt with (measured, 156).
    const isOurs = from === this.#options.applicationServerKey && subtype?.startsWith(SUBTYPE_PREFIX) === true;
    const channelId = isOurs ? subtype.slice(SUBTYPE_PREFIX.length) : '';
    this.#events.onPush({ channelId, version: undefined, body }, acknowledge);
  }

  #lose(error: TestingError): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort(error);
    this.#session?.destroy();
    this.#events.onLost(error);
  }
}
