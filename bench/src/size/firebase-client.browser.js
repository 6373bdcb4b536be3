import { initializeApp } from '@firebase/app';
import { deleteToken, getMessaging, getToken, isSupported, onMessage } from '@firebase/messaging';

// The same page with Firebase: a button, and what comes while it is open.
const messaging = getMessaging(initializeApp({ projectId: 'p', apiKey: 'k', appId: 'a', messagingSenderId: '1' }));
document.querySelector('#enable').addEventListener('click', () => void getToken(messaging));
document.querySelector('#disable').addEventListener('click', () => void deleteToken(messaging));
onMessage(messaging, ({ data }) => console.log(data));
void isSupported().then((is) => console.log(is));
