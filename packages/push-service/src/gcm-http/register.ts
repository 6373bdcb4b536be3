import { createHash } from 'node:crypto';
import { branded } from '@belfry/protocol';
import type { ChannelId, IdentifierSource, Uaid } from '../identifiers.ts';
import type { PushStore } from '../store/push-store.ts';
import type { RegistrationRequest } from './parse-registration.ts';

export interface RegistrationContext {
  readonly store: PushStore;
  readonly identifiers: IdentifierSource;
}

/** Does what a checked-in Chromium asks for, and answers the body that it waits for. */
export function register(uaid: Uaid, request: RegistrationRequest, context: RegistrationContext): string {
  const { store, identifiers } = context;
  switch (request.type) {
    case 'subscribe': {
      const { app, subtype, sender } = request;
      const channelId = channelOf(uaid, request);
      store.gcm.nameChannel({ channelId, app, subtype });
      const newToken = identifiers.endpointToken();
      return `token=${store.register({ uaid, channelId, vapidKey: sender, newToken })}`;
    }
    case 'unsubscribe':
      store.unregister(channelOf(uaid, request));
      // Chromium asks again until it reads `token=`, whatever follows.
      return `token=${request.subtype}`;
    case 'internal':
      return request.remove ? `deleted=${request.app}` : `token=${identifiers.endpointToken()}`;
  }
}

/**
 * Chromium names a subscription by app and subtype, so one that it asks for again, its first answer having been lost,
 * is found again. Unguessable like an autopush channel's id, because a uaid is.
 */
function channelOf(uaid: Uaid, { app, subtype }: { readonly app: string; readonly subtype: string }): ChannelId {
  return branded(
    createHash('sha256')
      .update(JSON.stringify([uaid, app, subtype]))
      .digest('base64url'),
  );
}
