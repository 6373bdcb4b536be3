import type { StateTexts } from './english-state-texts.ts';

/** The words of `<belfry-prompt>`. */
export interface BelfryPromptTexts {
  readonly title: string;
  readonly text: string;
  /** The buttons while it asks. */
  readonly accept: string;
  readonly decline: string;
  /** The buttons once it says what came of it. */
  readonly retry: string;
  readonly close: string;
  /** What it says then. */
  readonly states: Partial<StateTexts>;
}

export const ENGLISH_PROMPT_TEXTS: BelfryPromptTexts = {
  title: 'Turn on notifications?',
  text: 'Get news as it happens, also when this page is closed.',
  accept: 'Turn on',
  decline: 'Not now',
  retry: 'Try again',
  close: 'Close',
  states: {},
};
