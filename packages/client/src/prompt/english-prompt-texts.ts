import type { StateTexts } from './english-state-texts.ts';

/** The words of `<belfry-prompt>`. */
export interface BelfryPromptTexts {
  readonly title: string;
  readonly text: string;
  /** The buttons of the question. */
  readonly accept: string;
  readonly decline: string;
  /** The buttons of the result. */
  readonly retry: string;
  readonly close: string;
  /** The texts of the result, by state. */
  readonly states: Partial<StateTexts>;
}

export const ENGLISH_PROMPT_TEXTS: BelfryPromptTexts = {
  title: 'Turn on notifications?',
  text: 'Get updates as they happen, even when this page is closed.',
  accept: 'Turn on',
  decline: 'Not now',
  retry: 'Try again',
  close: 'Close',
  states: {},
};
