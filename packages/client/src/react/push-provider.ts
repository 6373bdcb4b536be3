import { createElement, type ReactElement, type ReactNode, useEffect } from 'react';
import type { PushClient } from '../push-client.ts';
import { defaultPushClient } from './default-push-client.ts';
import { PushContext } from './push-context.ts';
import { tellUser } from './tell-user.ts';

export interface PushProviderProps {
  /** Made once, outside of any component; default: `createPushClient()`, made at the first use. */
  readonly client?: PushClient;
  /**
   * Who is signed in, by the id that the server's `authenticate` answers; it is told to the client. Null after a user logs the
   * client out. Leave it undefined while the session is loading, or to call `identify` and `logout` yourself.
   */
  readonly user?: string | null | undefined;
  readonly children?: ReactNode;
}

/** Gives its client to every `usePush()` below it, and keeps it told of who is signed in. */
export function PushProvider({ client = defaultPushClient(), user, children }: PushProviderProps): ReactElement {
  useEffect(() => tellUser(client, user), [client, user]);
  return createElement(PushContext.Provider, { value: client }, children);
}
