import { createPushClient, onMessage, onNavigate } from '@belfry/client';

// What a test asks of the page, it asks by these names.
Object.assign(globalThis, { createPushClient, onMessage, onNavigate, received: [], navigated: [], unhandled: [] });
addEventListener('unhandledrejection', ({ reason }) => globalThis.unhandled.push(String(reason)));

const push = createPushClient({ worker: { url: '/service-worker.js', type: 'module' } });
push.onState(({ status, reason }) => {
  const shown = document.getElementById('state');
  shown.dataset.status = status;
  shown.textContent = reason === undefined ? status : `${status} ${reason}`;
});
document.getElementById('enable').addEventListener('click', () => void push.enable());
void push.refresh();

globalThis.push = push;
