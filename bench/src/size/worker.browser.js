import { installPushWorker } from '@belfry/worker';

installPushWorker(self, { defaultNotification: { title: 'Expenses', body: 'There is news.', url: '/' } });
