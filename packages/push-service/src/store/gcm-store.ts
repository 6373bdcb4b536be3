import { branded, type VapidPublicKey } from '@belfry/protocol';
import * as v from 'valibot';
import type { GcmCredentials } from '../gcm-credentials.ts';
import type { ChannelId, Uaid } from '../identifiers.ts';
import { RECENT_CHANNELS } from '../limits.ts';
import { RecentMap } from '../recent-map.ts';
import type { Connection } from './connection.ts';

/** How Chromium's GCM client names a subscription, and what a message for it must bear. */
export interface GcmRegistration {
  /** Such as 'org.chromium.linux'. */
  readonly app: string;
  /** 'wp:', the page's origin and a GUID. */
  readonly subtype: string;
  readonly sender: VapidPublicKey;
}

const deviceRow = v.object({ uaid: v.string() });
const registrationRow = v.object({ app: v.string(), subtype: v.string(), vapid_key: v.string() });

/**
 * The Chromium profiles that checked in, and what their channels are called. Channels and messages themselves are in
 * `PushStore`. Synchronous and durable, as there.
 */
export class GcmStore {
  readonly #connection: Connection;
  readonly #registrations = new RecentMap<ChannelId, GcmRegistration>(RECENT_CHANNELS);

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  addDevice(device: GcmCredentials & { readonly uaid: Uaid }): void {
    const { androidId, securityToken, uaid } = device;
    this.#connection.statement('addDevice').run({ androidId, securityToken, uaid });
  }

  /** Undefined where the credentials are not ones that this service gave out. */
  findDevice({ androidId, securityToken }: GcmCredentials): Uaid | undefined {
    const row = v.parse(
      v.optional(deviceRow),
      this.#connection.statement('findDevice').get({ androidId, securityToken }),
    );
    return row === undefined ? undefined : branded(row.uaid);
  }

  /** Keeps what a channel is called, before it is registered: a channel without it could not be delivered to. */
  nameChannel(channel: { readonly channelId: ChannelId; readonly app: string; readonly subtype: string }): void {
    const { channelId, app, subtype } = channel;
    this.#connection.statement('nameChannel').run({ channelId, app, subtype });
  }

  /** Undefined where the channel is not a Chromium's, or not live. */
  findRegistration(channelId: ChannelId): GcmRegistration | undefined {
    const known = this.#registrations.get(channelId);
    if (known !== undefined) return known;
    const row = v.parse(v.optional(registrationRow), this.#connection.statement('findRegistration').get({ channelId }));
    if (row === undefined) return undefined;
    const registration: GcmRegistration = { app: row.app, subtype: row.subtype, sender: branded(row.vapid_key) };
    this.#registrations.set(channelId, registration);
    return registration;
  }

  /** When the channel has ended. */
  forget(channelId: ChannelId): void {
    this.#registrations.delete(channelId);
  }
}
