import { Agent, type RequestOptions } from 'node:https';
import type { PushService } from '@belfry/push-service';
import webpush, { type PushSubscription, WebPushError } from 'web-push';
import type { PushSite } from './push-site.test-data.ts';

/** A sender that knows nothing of Belfry. Answers the push service's status. */
export async function pushFromElsewhere(
  { pushService, vapid }: PushSite,
  subscription: PushSubscription,
  text?: string,
): Promise<number> {
  const agent = new AgentOf(pushService);
  try {
    const vapidDetails = { subject: 'mailto:ops@example.com', ...vapid };
    return (await webpush.sendNotification(subscription, text, { vapidDetails, agent })).statusCode;
  } catch (error) {
    if (error instanceof WebPushError) return error.statusCode;
    throw error;
  } finally {
    agent.destroy();
  }
}

/** Connects to the push service whatever the endpoint's host, which is fixed in Chromium. */
class AgentOf extends Agent {
  readonly #address: PushService['address'];

  constructor({ address, certificateAuthority }: PushService) {
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
