import type { PushService } from '@belfry/push-service';
import webpush, { type PushSubscription, type VapidKeys } from 'web-push';
import { httpsAgentFor } from './https-agent-for.ts';
import { isObject, objectField, stringField } from './json-fields.ts';

/** For this package's tests: a page that subscribes when its button is pressed, and a worker that shows what comes. */
export const pushPages = {
  '/': `<!doctype html><title>Push</title><button id=enable>Enable</button><p id=state></p>
    <script type=module>
      const registration = await navigator.serviceWorker.register('/worker.js');
      await navigator.serviceWorker.ready;
      navigator.serviceWorker.onmessage = ({ data }) => { document.title = data; };
      document.getElementById('enable').onclick = async () => {
        const options = {
          userVisibleOnly: true,
          applicationServerKey: new URLSearchParams(location.search).get('key'),
        };
        const asked = await Notification.requestPermission();
        const state = await registration.pushManager.permissionState(options);
        globalThis.subscription = (await registration.pushManager.subscribe(options)).toJSON();
        document.getElementById('state').textContent = [asked, Notification.permission, state].join(' ');
      };
      document.getElementById('state').textContent = 'ready';
    </script>`,
  '/opened': '<!doctype html><title>Opened</title><h1>Opened</h1>',
  '/worker.js': `
    addEventListener('push', (event) => {
      const title = event.data.text();
      event.waitUntil((async () => {
        for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(title);
        await registration.showNotification(title, { body: 'by push' });
      })());
    });
    addEventListener('notificationclick', (event) => event.waitUntil(clients.openWindow('/opened')));`,
};

/** What the page keeps in `globalThis.subscription`. */
export function parseSubscription(value: unknown): PushSubscription {
  if (!isObject(value)) throw new TypeError('The page has no subscription');
  const keys = objectField(value, 'keys');
  return {
    endpoint: stringField(value, 'endpoint'),
    keys: { p256dh: stringField(keys, 'p256dh'), auth: stringField(keys, 'auth') },
  };
}

/** Sends as applications do that know nothing of Belfry. Answers the push service's status. */
export async function sendWithWebPush(options: {
  readonly pushService: PushService;
  readonly vapid: VapidKeys;
  readonly subscription: PushSubscription;
  readonly text: string;
}): Promise<number> {
  const agent = httpsAgentFor(options.pushService);
  try {
    const vapidDetails = { subject: 'mailto:ops@example.com', ...options.vapid };
    return (await webpush.sendNotification(options.subscription, options.text, { vapidDetails, agent })).statusCode;
  } finally {
    agent.destroy();
  }
}
