import { createPushClient, type PushState } from '@belfry/client';
import { element } from './element.ts';

/** What the card says in each state, and what its button does. */
const WORDS: Record<PushState, { text: string; button?: string }> = {
  unknown: { text: 'Looking…' },
  unsupported: { text: 'This browser has no Web Push. On an iPhone, add this page to the Home Screen first.' },
  insecure: { text: 'Web Push needs https, or localhost.' },
  blocked: { text: 'You have blocked notifications: only the browser’s settings can change that.' },
  promptable: {
    text: 'Get a notification when somebody writes and this page is closed.',
    button: 'Enable notifications',
  },
  off: { text: 'Get a notification when somebody writes and this page is closed.', button: 'Enable notifications' },
  on: { text: 'Notifications are on. Close this page and let somebody write to you.', button: 'Disable' },
};

/** The card that enables and disables notifications. */
export function showPushCard(): void {
  const push = createPushClient({ worker: { url: '/service-worker.js', scope: '/', type: 'module' } });
  const card = element('push-card', HTMLElement);
  const text = element('push-text', HTMLElement);
  const button = element('push-button', HTMLButtonElement);

  push.onState((state) => {
    const words = WORDS[state];
    card.dataset['state'] = state;
    text.textContent = words.text;
    button.hidden = words.button === undefined;
    button.textContent = words.button ?? '';
  });
  const toggle = async (): Promise<void> => {
    button.disabled = true;
    const result = await (push.state === 'on' ? push.disable() : push.enable());
    button.disabled = false;
    if (result.outcome !== 'failed') return;
    text.textContent = 'That did not work: the console says why. Try again.';
    console.error(result);
  };
  button.addEventListener('click', () => void toggle());
  card.hidden = false;
  void push.refresh();
}
