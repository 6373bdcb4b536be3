import { type ChatMessage, chatApi } from './chat-api.ts';
import { element } from './element.ts';
import { onSubmit } from './on-submit.ts';

/** Shows one conversation, as it is and as it goes on. */
export async function showConversation(me: string, partner: string): Promise<void> {
  const list = element('messages', HTMLElement);
  const input = element('text', HTMLInputElement);
  element('partner', HTMLElement).textContent = partner;
  element('conversation', HTMLElement).hidden = false;
  document.title = `${partner} · Belfry chat`;

  const shown = new Set<number>();
  const show = (message: ChatMessage): void => {
    const belongsHere = [message.from, message.to].includes(partner);
    if (!belongsHere || shown.has(message.id)) return;
    shown.add(message.id);
    list.append(bubble(message, me));
    list.scrollTop = list.scrollHeight;
  };
  const showAll = async (): Promise<void> => (await chatApi.messages(partner)).forEach(show);

  onSubmit('compose', async () => {
    const text = input.value.trim();
    if (text === '') return;
    show(await chatApi.say(partner, text));
    input.value = '';
  });
  readLive(show, showAll);
  await showAll();
}

/** Live only while the page is in front: the server notifies whoever does not read. */
function readLive(show: (message: ChatMessage) => void, catchUp: () => Promise<void>): void {
  let source: EventSource | undefined;
  const follow = (): void => {
    source?.close();
    source = undefined;
    if (document.visibilityState !== 'visible') return;
    source = new EventSource('/api/live');
    source.addEventListener('message', ({ data }) => show(JSON.parse(data)));
    source.addEventListener('open', () => void catchUp());
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}

function bubble({ from, text, at }: ChatMessage, me: string): HTMLElement {
  const item = document.createElement('li');
  item.className = from === me ? 'mine' : 'theirs';
  item.textContent = text;
  const time = document.createElement('time');
  time.textContent = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  item.append(time);
  return item;
}
