// A worker that does not wait until the pages of the one before are closed.
self.addEventListener('install', () => void self.skipWaiting());
