// Shows nothing of what comes.
self.addEventListener('push', () => {});
