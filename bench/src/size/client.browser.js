import { createPushClient } from '@belfry/client';

// What a page with push has at least: a button, who is signed in, and the state.
const push = createPushClient({ worker: { url: '/sw.js', type: 'module' } });
push.onState((state) => {
  document.body.dataset.push = state.status;
});
document.querySelector('#enable').addEventListener('click', () => void push.enable());
document.querySelector('#disable').addEventListener('click', () => void push.disable());
document.querySelector('#sign-out').addEventListener('click', () => void push.logout());
void push.identify(document.body.dataset.user);
