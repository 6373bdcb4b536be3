import type { MessageState } from './message.ts';

const STATES: readonly MessageState[] = [
  'scheduled',
  'queued',
  'fanning-out',
  'paused',
  'done',
  'cancelled',
  'expired',
];

/** The schema lets no other in. */
export function toMessageState(text: string): MessageState {
  const state = STATES.find((known) => known === text);
  if (state === undefined) throw new TypeError('A message is in a state that is none');
  return state;
}
