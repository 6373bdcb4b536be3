import { createPushClient, describeState } from '@belfry/client';
import { element } from './element.ts';

/** The chat's own texts. All other states have the texts of the client. */
const OFF = {
  title: 'Notifications are off',
  text: 'Get a notification when somebody writes to you while this page is closed.',
};
const TEXTS = {
  promptable: OFF,
  off: OFF,
  on: {
    title: 'Notifications are on',
    text: 'Notifications are on. Close this page and ask somebody to write to you.',
  },
};
const BUTTONS = { enable: 'Enable notifications', disable: 'Disable', retry: 'Try again' };

/** The card that enables and disables notifications. */
export function showPushCard(me: string): void {
  const push = createPushClient({ worker: { url: '/service-worker.js', scope: '/', type: 'module' } });
  const card = element('push-card', HTMLElement);
  const words = element('push-text', HTMLElement);
  const button = element('push-button', HTMLButtonElement);

  push.onState((state) => {
    const { text, steps = [], action } = describeState(state, { texts: TEXTS });
    card.dataset['state'] = state.status;
    words.textContent = [text, ...steps].join(' ');
    button.hidden = action === null;
    button.textContent = action && BUTTONS[action];
  });
  const toggle = async (): Promise<void> => {
    button.disabled = true;
    const result = await (push.state.status === 'on' ? push.disable() : push.enable());
    button.disabled = false;
    if (result.outcome === 'failed') console.error(result);
  };
  button.addEventListener('click', () => void toggle());
  card.hidden = false;
  void push.identify(me);
}
