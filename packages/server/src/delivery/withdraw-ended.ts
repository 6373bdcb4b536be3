import type { RemovedDevices, ResubscribeOutcome, SaveDeviceOutcome, Store } from '@belfry/store';
import type { Withdrawn } from './withdrawn.ts';

/**
 * Returns a store whose calls withdraw the bindings that they ended, before their promise resolves. What the store tells of, such as
 * what another process has withdrawn, is withdrawn too.
 */
export function withdrawEnded(store: Store, withdrawn: Withdrawn): Store {
  type Ending = SaveDeviceOutcome | ResubscribeOutcome | RemovedDevices;
  const noted = async <Outcome extends Ending>(call: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await call;
    if ('endedBindings' in outcome) withdrawn.addBindings(outcome.endedBindings);
    return outcome;
  };
  store.onWithdrawal(
    ({ messages, bindings }) => {
      for (const id of messages) withdrawn.addMessage(id);
      withdrawn.addBindings(bindings);
    },
    () => withdrawn.taken,
  );
  return {
    ...store,
    saveDevice: (device) => noted(store.saveDevice(device)),
    resubscribeDevice: (request) => noted(store.resubscribeDevice(request)),
    removeDevice: (request) => noted(store.removeDevice(request)),
    endSession: (request) => noted(store.endSession(request)),
  };
}
