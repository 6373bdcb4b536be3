import { useContext, useEffect, useSyncExternalStore } from 'react';
import type { PushClient } from '../push-client.ts';
import type { PushState } from '../push-results.ts';
import { defaultPushClient } from './default-push-client.ts';
import { PushContext } from './push-context.ts';
import { tellUser } from './tell-user.ts';

/** The state, and the client's own functions: they are the same at each render, and need no object before them. */
export interface Push extends Pick<PushClient, 'state' | 'enable' | 'disable' | 'identify' | 'logout' | 'refresh'> {
  readonly client: PushClient;
}

const UNKNOWN: PushState = { status: 'unknown' };

/**
 * The state of push in this browser, and what changes it. The first component that uses a client lets it look; on a server, and
 * until the page is hydrated, the state is `unknown`.
 *
 * @param client default: the PushProvider's; without one, a client that all components of the page share
 * @example
 * const { state, enable } = usePush();
 * return <button disabled={state.status === 'on'} onClick={() => enable()}>Enable notifications</button>;
 */
export function usePush(client?: PushClient): Push {
  const provided = useContext(PushContext);
  const used = client ?? provided ?? defaultPushClient();
  const state = useSyncExternalStore(
    used.onState,
    () => used.state,
    () => UNKNOWN,
  );
  // The provider's client looks when it is told its user: what it found before might be another's.
  const looks = used !== provided;
  useEffect(() => {
    if (looks) tellUser(used);
  }, [used, looks]);
  const { enable, disable, identify, logout, refresh } = used;
  return { state, enable, disable, identify, logout, refresh, client: used };
}
