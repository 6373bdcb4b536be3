import type { PushManagerSubset, PushSubscriptionSubset } from './push-environment.ts';

/** The push manager of a registration, and what its browser has. */
export interface FakePushManager {
  readonly manager: PushManagerSubset;
  subscription: FakeSubscription | null;
  /** What subscribe() and unsubscribe() throw, if anything. */
  subscribeError: Error | null;
  unsubscribeError: Error | null;
  /** Subscribes as other code of the page does, or as another sender's did. */
  subscribeElsewhere(publicKey: string): FakeSubscription;
}

export interface FakeSubscription extends PushSubscriptionSubset {
  readonly publicKey: string;
}

/** @param calls what was asked of it */
export function fakePushManager({
  calls,
  latency,
}: {
  readonly calls: string[];
  latency(): Promise<void>;
}): FakePushManager {
  let endpoints = 0;

  function subscribe(publicKey: string): FakeSubscription {
    endpoints += 1;
    const subscription: FakeSubscription = {
      publicKey,
      endpoint: `https://push.example/${endpoints}`,
      options: { applicationServerKey: bytesOf(publicKey) },
      toJSON: () => ({
        endpoint: subscription.endpoint,
        expirationTime: null,
        keys: { p256dh: 'p', auth: 'a' },
      }),
      async unsubscribe() {
        calls.push('unsubscribe');
        await latency();
        if (push.unsubscribeError !== null) throw push.unsubscribeError;
        if (push.subscription === subscription) push.subscription = null;
        return true;
      },
    };
    push.subscription = subscription;
    return subscription;
  }

  const push: FakePushManager = {
    manager: {
      async getSubscription() {
        await latency();
        return push.subscription;
      },
      async subscribe({ applicationServerKey }) {
        calls.push('subscribe');
        await latency();
        if (push.subscribeError !== null) throw push.subscribeError;
        if (push.subscription === null) return subscribe(applicationServerKey);
        if (push.subscription.publicKey === applicationServerKey) return push.subscription;
        throw new DOMException('A subscription with a different key exists', 'InvalidStateError');
      },
    },
    subscription: null,
    subscribeError: null,
    unsubscribeError: null,
    subscribeElsewhere: subscribe,
  };
  return push;
}

function bytesOf(base64url: string): ArrayBuffer {
  const base64 = base64url.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer;
}
