import { installPushWorker } from '@belfry/worker';

installPushWorker(self, { defaultNotification: { title: 'Site', body: 'There is news.' } });

// Shows that the event came, and what it says.
self.addEventListener('pushsubscriptionchange', (event) => {
  const body = event.oldSubscription?.endpoint ?? 'none';
  event.waitUntil(self.registration.showNotification('Subscription changed', { body }));
});
