import type { PushClient } from '../push-client.ts';
import type { EnableResult, PushState } from '../push-results.ts';

/** A push client whose state and answers the test decides. */
export interface FakePush extends Pick<PushClient, 'state' | 'enable' | 'onState'> {
  readonly listening: number;
  /** Calls of `enable()`. */
  readonly enabled: number;
  show(state: PushState): void;
  /** What `enable()` leaves: its answer, and the state from then on. */
  answer: { readonly result: EnableResult; readonly state: PushState };
}

export function fakePush(status: Exclude<PushState['status'], 'broken'> = 'promptable'): FakePush {
  const listeners = new Set<(state: PushState) => void>();
  let state: PushState = { status };
  let enabled = 0;
  const push: FakePush = {
    get state() {
      return state;
    },
    get listening() {
      return listeners.size;
    },
    get enabled() {
      return enabled;
    },
    onState(listener) {
      listeners.add(listener);
      listener(state);
      return () => void listeners.delete(listener);
    },
    show(next) {
      state = next;
      for (const listener of listeners) listener(state);
    },
    async enable() {
      enabled += 1;
      push.show(push.answer.state);
      return push.answer.result;
    },
    answer: { result: { outcome: 'on', deviceId: 'd1' }, state: { status: 'on' } },
  };
  return push;
}
