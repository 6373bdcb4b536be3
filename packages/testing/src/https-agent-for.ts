import { Agent, type RequestOptions } from 'node:https';
import type { PushService } from '@belfry/push-service';

/**
 * An https.Agent for senders that are not Belfry: it connects to the push service whatever the endpoint's host, which is
 * fixed in Chromium, and trusts its certificate authority. Nothing that is sent through it leaves the machine. `destroy()`
 * it with the test.
 *
 * @example
 * const agent = httpsAgentFor(pushService);
 * await webpush.sendNotification(subscription, 'Hello', { vapidDetails, agent });
 */
export function httpsAgentFor(pushService: Pick<PushService, 'address' | 'certificateAuthority'>): Agent {
  return new PushServiceAgent(pushService);
}

class PushServiceAgent extends Agent {
  readonly #address: PushService['address'];

  constructor({ address, certificateAuthority }: Pick<PushService, 'address' | 'certificateAuthority'>) {
    super({ ca: certificateAuthority });
    this.#address = address;
  }

  override createConnection(
    options: RequestOptions,
    callback?: Parameters<Agent['createConnection']>[1],
  ): ReturnType<Agent['createConnection']> {
    return super.createConnection({ ...options, ...this.#address }, callback);
  }
}
