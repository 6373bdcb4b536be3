import { initializeApp } from '@firebase/app';
import { getMessaging, onBackgroundMessage } from '@firebase/messaging/sw';

const messaging = getMessaging(initializeApp({ projectId: 'p', apiKey: 'k', appId: 'a', messagingSenderId: '1' }));
onBackgroundMessage(messaging, ({ data }) => console.log(data));
