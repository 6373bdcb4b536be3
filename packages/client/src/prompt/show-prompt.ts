import type { PushClient } from '../push-client.ts';
import type { EnableResult, PushState } from '../push-results.ts';
import type { SoftPrompt } from './create-soft-prompt.ts';
import { describeState } from './describe-state.ts';
import type { BelfryPromptTexts } from './english-prompt-texts.ts';
import type { StateText } from './english-state-texts.ts';

export interface ShownPrompt {
  readonly push: Pick<PushClient, 'onState'>;
  readonly softPrompt: SoftPrompt;
  readonly texts: BelfryPromptTexts;
  /** Unique in the page. */
  readonly titleId: string;
}

/**
 * Draws the prompt into an element, and keeps it as it should be until the returned function is called. `data-status` of the
 * element is `hidden`, `question`, `asking` (the browser is), or the status that it tells the user of.
 */
export function showPrompt(host: HTMLElement, { push, softPrompt, texts, titleId }: ShownPrompt): () => void {
  const parts = drawParts(host, titleId);
  let asked: Promise<EnableResult> | null = null;
  let told: PushState | null = null;

  function render(): void {
    const isHidden = asked === null && told === null && !softPrompt.isDue();
    const described = told && describeState(told, { texts: texts.states });
    host.hidden = isHidden;
    // A `display` in the page's own CSS would win over `hidden`.
    host.style.display = isHidden ? 'none' : '';
    host.dataset['status'] = isHidden ? 'hidden' : (told?.status ?? (asked === null ? 'question' : 'asking'));
    parts.say(described ?? { title: texts.title, text: texts.text });
    parts.accept.textContent = described === null ? texts.accept : texts.retry;
    parts.accept.setAttribute('aria-disabled', String(asked !== null));
    parts.decline.textContent = described === null ? texts.decline : texts.close;
    parts.offerAccept(described === null || described.action === 'retry');
  }

  async function accept(): Promise<void> {
    if (asked !== null) return;
    // First of all, while the click counts.
    const answer = softPrompt.accept();
    asked = answer;
    told = null;
    render();
    const result = await answer;
    // Closed meanwhile, or gone.
    if (asked !== answer) return;
    asked = null;
    told = stateToTell(result);
    render();
  }

  function decline(): void {
    // To close what was told is no answer to the question.
    if (told === null) softPrompt.decline();
    asked = null;
    told = null;
    render();
  }

  function onKey({ key }: KeyboardEvent): void {
    if (key === 'Escape') decline();
  }

  parts.accept.addEventListener('click', () => void accept());
  parts.decline.addEventListener('click', decline);
  host.addEventListener('keydown', onKey);
  const leaveState = push.onState((state) => {
    told = told?.status === state.status ? state : null;
    render();
  });
  const leavePrompt = softPrompt.onChange(render);
  return () => {
    asked = null;
    leavePrompt();
    leaveState();
    host.removeEventListener('keydown', onKey);
  };
}

function stateToTell(result: EnableResult): PushState | null {
  switch (result.outcome) {
    case 'on':
    case 'dismissed':
      return null;
    case 'denied':
      return { status: 'blocked' };
    case 'failed':
      return { status: 'broken', reason: result.error.code };
    case 'needs-install':
    case 'unsupported':
    case 'insecure':
      return { status: result.outcome };
  }
}

interface PromptParts {
  readonly accept: HTMLButtonElement;
  readonly decline: HTMLButtonElement;
  say(message: StateText): void;
  offerAccept(isOffered: boolean): void;
}

/** The element's content. What is not to be seen is not in it: the page's CSS might show what is `hidden`. */
function drawParts(host: HTMLElement, titleId: string): PromptParts {
  function part<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name: string): HTMLElementTagNameMap[Tag] {
    const element = host.ownerDocument.createElement(tag);
    element.dataset['part'] = name;
    return element;
  }

  const message = part('div', 'message');
  const title = part('h2', 'title');
  const text = part('p', 'text');
  const steps = part('ol', 'steps');
  const actions = part('div', 'actions');
  const accept = part('button', 'accept');
  const decline = part('button', 'decline');
  title.id = titleId;
  accept.type = 'button';
  decline.type = 'button';
  // A live region: read out when it changes, and the focus stays where it is.
  message.setAttribute('role', 'status');
  if (!host.hasAttribute('role')) host.setAttribute('role', 'region');
  host.setAttribute('aria-labelledby', titleId);
  message.append(title, text);
  actions.append(accept, decline);
  host.replaceChildren(message, actions);
  let said = '';

  return {
    accept,
    decline,
    say(description) {
      // What is written again may be read out again.
      if (JSON.stringify(description) === said) return;
      said = JSON.stringify(description);
      title.textContent = description.title;
      text.textContent = description.text;
      steps.replaceChildren(
        ...(description.steps ?? []).map((step) => {
          const item = part('li', 'step');
          item.textContent = step;
          return item;
        }),
      );
      if (description.steps === undefined) steps.remove();
      else message.append(steps);
    },
    offerAccept(isOffered) {
      if (isOffered === accept.isConnected) return;
      const hadFocus = accept === host.ownerDocument.activeElement;
      if (isOffered) actions.prepend(accept);
      else accept.remove();
      if (hadFocus) decline.focus();
    },
  };
}
