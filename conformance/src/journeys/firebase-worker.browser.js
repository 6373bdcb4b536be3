import { getMessaging, onBackgroundMessage } from '@belfry/worker/firebase';

// A worker as a Firebase app has it: only the import above is another.

const app = { name: '[DEFAULT]', options: { projectId: 'news', messagingSenderId: '1234567890' } };
const messaging = getMessaging(app);

onBackgroundMessage(messaging, ({ data, notification }) => {
  if (notification && data?.style !== 'own') return;
  self.registration.showNotification(`Room ${data.room}`, { body: data.text, icon: '/no-such-icon.png' });
});
