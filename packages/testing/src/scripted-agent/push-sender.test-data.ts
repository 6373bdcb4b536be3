import { type PushService, type PushServiceOptions, startPushService } from '@belfry/push-service';
import { onTestFinished } from 'vitest';
import webPush, { type PushSubscription, type RequestOptions, type SendResult } from 'web-push';
import { httpsAgentFor } from '../https-agent-for.ts';

/** A push service on free ports, closed when the test ends. */
export async function startedPushService(options: PushServiceOptions = {}): Promise<PushService> {
  const service = await startPushService({ autopushPort: 0, endpointPort: 0, ...options });
  onTestFinished(() => service.close());
  return service;
}

export const applicationServer: { readonly publicKey: string; readonly privateKey: string } =
  webPush.generateVAPIDKeys();

/** The sender that most applications use, trusting the service's authority. */
export async function send(
  service: PushService,
  options: {
    readonly to: PushSubscription;
    readonly payload?: string | Buffer;
    readonly vapid?: { readonly publicKey: string; readonly privateKey: string };
  },
): Promise<SendResult> {
  const { to, payload, vapid = applicationServer } = options;
  const agent = httpsAgentFor(service);
  const request: RequestOptions = {
    TTL: 60,
    agent,
    vapidDetails: { subject: 'mailto:ops@example.com', ...vapid },
  };
  try {
    return await webPush.sendNotification(to, payload, request);
  } finally {
    agent.destroy();
  }
}
