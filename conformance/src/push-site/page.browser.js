import { createPushClient } from '@belfry/client';

const push = createPushClient({ worker: { url: '/service-worker.js', type: 'module' } });
push.onState((state) => {
  document.getElementById('state').textContent = state;
});
document.getElementById('enable').addEventListener('click', () => void push.enable());
void push.refresh();

globalThis.disablePush = () => push.disable();
