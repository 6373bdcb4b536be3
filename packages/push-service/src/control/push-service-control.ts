import type { Fault } from '../faults/fault.ts';
import type { PushState } from '../journal/push-journal.ts';
import type { PersonaName } from '../personas/persona.ts';

/** A subscription by its endpoint, as a browser gave it, or by the number it has in `subscriptions()`. */
export type SubscriptionReference = string | { readonly endpoint: string } | number;

/** A subscription as it is looked at, without its endpoint, which is a capability. */
export interface SubscriptionInfo {
  /** Counted in the order of subscribing. */
  readonly id: number;
  /** `autopush` is Firefox, or a scripted agent that speaks as it does; `scripted` is the service itself. */
  readonly userAgent: 'autopush' | 'chromium' | 'scripted';
  /** The origin of the page, where Chromium told it. */
  readonly site: string | undefined;
  /** The VAPID public key that it is bound to, base64url. */
  readonly applicationServerKey: string | undefined;
  readonly persona: PersonaName;
  /** False once it ended: its endpoint answers 410. */
  readonly isLive: boolean;
  readonly isConnected: boolean;
  /** How many messages wait for it. */
  readonly waiting: number;
}

/** A push as it arrived, and what came of it so far. */
export interface ArrivedPush {
  readonly id: number;
  /** ms since 1970. */
  readonly at: number;
  /** Undefined where its endpoint names none. */
  readonly subscription: number | undefined;
  readonly origin: string;
  readonly persona: PersonaName;
  /** By lower-case name; the token of `authorization` is left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** What its VAPID token says, where that was good. */
  readonly vapid: { readonly aud: unknown; readonly exp: unknown; readonly sub: unknown } | undefined;
  /** As accepted, clamped. */
  readonly ttlSeconds: number | undefined;
  /** Undefined where it was refused before it was read. */
  readonly bodyBytes: number | undefined;
  /** What it says, where its keys are known: of scripted subscriptions, and of those that shared theirs. */
  readonly text: string | undefined;
  /** `text`, where that is JSON. */
  readonly json: unknown;
  /** Of the answer; undefined where there was none. */
  readonly status: number | undefined;
  /** The answer's body. */
  readonly answer: string | undefined;
  readonly fault: Fault['type'] | undefined;
  readonly state: PushState;
  /** The push that it repeats, where it was sent again by hand. */
  readonly resendOf: number | undefined;
}

/** As `PushSubscription.toJSON()` gives it in a browser, and its number. */
export interface ScriptedSubscriptionJson {
  readonly id: number;
  readonly endpoint: string;
  readonly expirationTime: null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface FaultOptions {
  /** Pushes to this subscription only. */
  readonly subscription?: SubscriptionReference | undefined;
  /** Pushes to endpoints of this origin only, such as 'https://fcm.googleapis.com'. */
  readonly origin?: string | undefined;
  /** How many pushes pass before it; default 0. */
  readonly skip?: number | undefined;
  /** How many pushes it is for; default 1, Infinity for all. */
  readonly times?: number | undefined;
}

/** A fault that is still to come, with what is left of its options. */
export interface PlannedFault {
  readonly id: number;
  readonly fault: Fault;
  readonly subscription: number | undefined;
  readonly origin: string | undefined;
  readonly skip: number;
  readonly times: number;
}

/** Whom a persona is for: one subscription, an origin, or (neither) the service. */
export interface PersonaTarget {
  readonly subscription?: SubscriptionReference | undefined;
  readonly origin?: string | undefined;
}

/**
 * What a test, or a person at the page of the service, can look at and have happen. Misuse throws PushServiceError:
 * `unknown-subscription`, and what is said beside each.
 */
export interface PushServiceControl {
  /** The newest first, those that ended last; at most 1000. */
  subscriptions(): readonly SubscriptionInfo[];
  /**
   * Subscribes without any browser: the service receives for it, and reads what comes. It lasts as long as the data folder.
   *
   * @param options.persona whose answers, and whose form and origin of endpoints, it has; default that of the service
   * @param options.applicationServerKey VAPID public key that it is bound to, base64url
   * @throws PushServiceError `unknown-persona`, `invalid-key`
   */
  createSubscription(options?: {
    readonly persona?: PersonaName | undefined;
    readonly applicationServerKey?: string | undefined;
  }): ScriptedSubscriptionJson;
  /** Ends a subscription as a push service does by itself: 410 from now on. Its browser is not told. */
  expireSubscription(subscription: SubscriptionReference): void;
  /**
   * Forgets the user agent of a subscription, and so all subscriptions of that browser profile: 410 from now on. Firefox
   * reconnects, and fires `pushsubscriptionchange` for each of them; Chromium is not told (its kit has
   * `setNotificationPermission` for that).
   */
  rotateSubscription(subscription: SubscriptionReference): void;
  /** @throws PushServiceError `unknown-persona` */
  setPersona(persona: PersonaName, target?: PersonaTarget): void;
  /**
   * Has something go wrong with pushes to come. Faults are taken in the order in which they were added, one for each push.
   *
   * @returns its id, for `removeFault`
   * @throws PushServiceError `invalid-fault`
   */
  addFault(fault: Fault, options?: FaultOptions): number;
  /** False where it is not there, or has all happened. */
  removeFault(id: number): boolean;
  faults(): readonly PlannedFault[];
  /**
   * What arrived, the latest first, of as many as `keptPushes`.
   *
   * @param options.limit only the latest of them; decrypting takes about 0.2 ms each
   * @throws PushServiceError `unknown-subscription`
   */
  pushes(options?: {
    readonly subscription?: SubscriptionReference | undefined;
    readonly limit?: number | undefined;
  }): readonly ArrivedPush[];
  /** Calls back with every push that arrives, and again when its state changes; the function it answers ends that. */
  onPush(listener: (push: ArrivedPush) => void): () => void;
  /**
   * Delivers a push again, as a new message with the same body and TTL.
   *
   * @throws PushServiceError `unknown-push`, `not-resendable`
   */
  resend(pushId: number): void;
  /** Forgets what arrived; messages that wait still wait. */
  clearPushes(): void;
  /**
   * Lets the service read what comes for a subscription of yours, to show it: for as long as it runs.
   *
   * @param keys.privateKey P-256, base64url of 32 octets; auth: base64url of 16
   * @throws PushServiceError `invalid-key`
   */
  shareKeys(subscription: SubscriptionReference, keys: { readonly privateKey: string; readonly auth: string }): void;
}
