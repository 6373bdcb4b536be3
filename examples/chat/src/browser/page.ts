import { chatApi } from './chat-api.ts';
import { showConversation } from './conversation.ts';
import { element } from './element.ts';
import { onSubmit } from './on-submit.ts';
import { showPushCard } from './push-card.ts';

const { name } = await chatApi.session();
if (name === null) showSignIn();
else await showChat(name);

function showSignIn(): void {
  element('sign-in', HTMLElement).hidden = false;
  onSubmit('sign-in-form', async () => {
    await chatApi.signIn(element('name', HTMLInputElement).value);
    location.reload();
  });
}

async function showChat(me: string): Promise<void> {
  element('me', HTMLElement).textContent = me;
  element('chat', HTMLElement).hidden = false;
  showPushCard(me);
  onSubmit('open-form', async () => open(element('open-name', HTMLInputElement).value));
  for (const partner of await chatApi.partners()) element('partners', HTMLElement).append(link(partner));
  const [, partner] = /^\/with\/([^/]+)$/.exec(location.pathname) ?? [];
  if (partner !== undefined) await showConversation(me, decodeURIComponent(partner));
}

function open(partner: string): void {
  location.href = pathTo(partner.trim());
}

function link(partner: string): HTMLElement {
  const anchor = document.createElement('a');
  anchor.href = pathTo(partner);
  anchor.textContent = partner;
  return anchor;
}

function pathTo(partner: string): string {
  return `/with/${encodeURIComponent(partner)}`;
}
