import type { PushManagerLike, SubscriptionLike } from './push-worker-scope.ts';

/** A browser's push: `subscription` is what it has now. */
export interface FakePushManager extends PushManagerLike {
  subscription: (SubscriptionLike & { readonly key: string }) | null;
  /** What `subscribe()` rejects with. */
  error: Error | null;
  readonly calls: string[];
}

export function fakePushManager(): FakePushManager {
  const push: FakePushManager = {
    subscription: null,
    error: null,
    calls: [],
    getSubscription: async () => push.subscription,
    async subscribe({ applicationServerKey: key }) {
      push.calls.push(`subscribe ${key}`);
      if (push.error) throw push.error;
      if (push.subscription && push.subscription.key !== key) {
        throw new DOMException('A subscription with a different key exists', 'InvalidStateError');
      }
      push.subscription ??= newSubscription(key);
      return push.subscription;
    },
  };
  let made = 0;
  function newSubscription(key: string): SubscriptionLike & { readonly key: string } {
    made += 1;
    const endpoint = `https://push.example/made/${made}`;
    return {
      key,
      endpoint,
      toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh: 'p', auth: 'a' } }),
      async unsubscribe() {
        push.calls.push('unsubscribe');
        push.subscription = null;
        return true;
      },
    };
  }
  return push;
}
