// A worker that somebody wrote before modules: it cannot import, and loads the runtime as a script.
importScripts('/belfry-worker.js');

belfry
  .installPushWorker(self, { defaultNotification: { title: 'Site', body: 'There is news.' } })
  .onPush('chat.message', ({ payload }) => ({ title: payload.from, body: payload.text }));
