import { installPushWorker } from '@belfry/worker';
import { precacheAndRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { CacheFirst } from 'workbox-strategies';

// The worker of an app that works offline, as it was, and one line more.
precacheAndRoute([{ url: '/precached.js', revision: '1' }]);
registerRoute(({ url }) => url.pathname.startsWith('/cached'), new CacheFirst({ cacheName: 'pages' }));
self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

installPushWorker(self, { defaultNotification: { title: 'Site', body: 'There is news.' } });
