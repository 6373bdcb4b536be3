import { Agent } from 'node:https';
import webpush from 'web-push';
import type { Send, SendContext } from './send.ts';

/** The `web-push` package as well as it can be used: one agent, which keeps its connections. */
export function webPushSender({ sink, vapidKeys }: SendContext): Send {
  const agent = new Agent({ ca: sink.certificateAuthority, keepAlive: true, maxSockets: 100 });
  const vapidDetails = { subject: 'mailto:ops@example.com', ...vapidKeys };
  return async (subscription, text) => {
    await webpush.sendNotification(subscription, text, { vapidDetails, agent, TTL: 60 });
  };
}
