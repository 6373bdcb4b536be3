import { installPushWorker } from '@belfry/worker';

declare const self: ServiceWorkerGlobalScope;

installPushWorker(self, { defaultNotification: { title: 'Belfry chat', body: 'There is something new.', url: '/' } });

// A new version takes over at once: an example has nothing that an old page would miss.
self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
