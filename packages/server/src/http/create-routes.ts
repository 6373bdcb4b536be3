import {
  BROWSER_REQUESTS_PER_MINUTE,
  DEVICE_REQUESTS_PER_USER_PER_MINUTE,
  RECEIPT_REQUESTS_PER_MINUTE,
  RECEIPT_REQUESTS_PER_USER_PER_MINUTE,
  SEND_REQUESTS_PER_MINUTE,
} from '../limits.ts';
import type { Routes } from './create-handler.ts';
import { createRateLimit } from './limits/rate-limit.ts';
import { messageRoutes, type MessageRoutes } from './routes/messages.ts';
import { publicKeyRoute } from './routes/public-key.ts';
import { receiptsRoute, type ReceiptsRoute } from './routes/receipts.ts';
import { resubscribeRoute } from './routes/resubscribe.ts';
import { sendRoute, type SendRoute } from './routes/send.ts';
import { subscribeRoute, type SubscribeRoute } from './routes/subscribe.ts';
import { type TopicRoutes, topicRoutes } from './routes/topics.ts';
import { unsubscribeRoute } from './routes/unsubscribe.ts';
import { userDevicesRoute, type UserDevicesRoute } from './routes/user-devices.ts';

/** What the routes need, all of them together. */
export type RoutesOptions = Omit<
  SendRoute & SubscribeRoute & ReceiptsRoute & MessageRoutes & TopicRoutes & UserDevicesRoute,
  'limit' | 'limits'
>;

/** Every route, by path and method. */
export function createRoutes(options: RoutesOptions): Routes {
  const limitPerMinute = (limit: number, { isPaced = true } = {}) =>
    createRateLimit({ limit, windowMs: 60_000, clock: options.clock, isPaced });
  const browsers = { ...options, limit: limitPerMinute(BROWSER_REQUESTS_PER_MINUTE) };
  const devices = {
    ...options,
    limits: {
      device: limitPerMinute(BROWSER_REQUESTS_PER_MINUTE),
      user: limitPerMinute(DEVICE_REQUESTS_PER_USER_PER_MINUTE),
    },
  };
  const workers = {
    ...options,
    limits: {
      device: limitPerMinute(RECEIPT_REQUESTS_PER_MINUTE),
      user: limitPerMinute(RECEIPT_REQUESTS_PER_USER_PER_MINUTE),
    },
  };
  const applications = { ...options, limit: limitPerMinute(SEND_REQUESTS_PER_MINUTE, { isPaced: false }) };
  return {
    '/public-key': { GET: publicKeyRoute(options.keyRing) },
    '/subscribe': {
      POST: subscribeRoute(browsers),
      DELETE: unsubscribeRoute({ ...browsers, limits: devices.limits }),
    },
    '/resubscribe': { POST: resubscribeRoute(devices) },
    '/receipts': { POST: receiptsRoute(workers) },
    '/send': { POST: sendRoute(applications) },
    '/messages/:id': messageRoutes(applications),
    '/users/:id/devices': { GET: userDevicesRoute(applications) },
    ...topicRoutes(browsers),
  };
}
