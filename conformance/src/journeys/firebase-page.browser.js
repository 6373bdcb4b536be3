import { deleteToken, getMessaging, getToken, onMessage } from '@belfry/client/firebase';

// A page as a Firebase app has it: only the import above is another.

const app = { name: '[DEFAULT]', options: { projectId: 'news', messagingSenderId: '1234567890' } };
const messaging = getMessaging(app);

const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

onMessage(messaging, (payload) => show('message', JSON.stringify(payload)));

document.getElementById('enable').addEventListener('click', () => {
  getToken(messaging, { vapidKey: 'BKagOny0KF_2pCJQ3m_FAKE' })
    .then((token) => show('token', token))
    .catch((error) => show('token', error.message));
});
document.getElementById('disable').addEventListener('click', () => {
  void deleteToken(messaging).then((isDeleted) => show('token', `deleted: ${isDeleted}`));
});
