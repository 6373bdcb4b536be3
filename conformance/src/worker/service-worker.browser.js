import { installPushWorker } from '@belfry/worker';

installPushWorker(self, { defaultNotification: { title: 'Site', body: 'There is news.' } });
