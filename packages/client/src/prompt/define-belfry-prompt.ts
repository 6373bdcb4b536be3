import type { PushClient } from '../push-client.ts';
import { createSoftPrompt, type SoftPrompt } from './create-soft-prompt.ts';
import { type BelfryPromptTexts, ENGLISH_PROMPT_TEXTS } from './english-prompt-texts.ts';
import { showPrompt } from './show-prompt.ts';

export interface BelfryPromptOptions {
  readonly push: Pick<PushClient, 'state' | 'enable' | 'onState'>;
  /** Default: `createSoftPrompt(push)`. */
  readonly softPrompt?: SoftPrompt;
  /** In place of the English ones. Say in `title` and `text` what the notifications are about. */
  readonly texts?: Partial<BelfryPromptTexts>;
  /** The element's; default `belfry-prompt`. */
  readonly name?: string;
}

/**
 * Defines `<belfry-prompt>`, which asks the user whether to turn on notifications, while the soft prompt is due, and says what
 * came of it. It has no style and no shadow: the page's own CSS is for it. The parts and states to style are in
 * docs/reference/client.md.
 *
 * On a server, and where the name is taken, nothing happens.
 *
 * @example
 * const push = createPushClient();
 * defineBelfryPrompt({ push, texts: { title: 'Hear of new orders at once?' } });
 * void push.refresh();
 */
export function defineBelfryPrompt({
  push,
  softPrompt = createSoftPrompt(push),
  texts,
  name = 'belfry-prompt',
}: BelfryPromptOptions): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  const prompt = { push, softPrompt, texts: { ...ENGLISH_PROMPT_TEXTS, ...texts } };
  let count = 0;

  customElements.define(
    name,
    class extends HTMLElement {
      #leave = (): void => {};

      connectedCallback(): void {
        count += 1;
        this.#leave = showPrompt(this, { ...prompt, titleId: `${name}-title-${count}` });
      }

      disconnectedCallback(): void {
        this.#leave();
      }
    },
  );
}
