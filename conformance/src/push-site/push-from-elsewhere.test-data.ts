import { httpsAgentFor } from '@belfry/testing';
import webpush, { type PushSubscription, WebPushError } from 'web-push';
import type { PushSite } from './push-site.test-data.ts';

/** A sender that knows nothing of Belfry. Answers the push service's status. */
export async function pushFromElsewhere(
  { pushService, vapid }: PushSite,
  subscription: PushSubscription,
  text?: string,
): Promise<number> {
  const agent = httpsAgentFor(pushService);
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
