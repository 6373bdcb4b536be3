import { branded, type VapidPublicKey } from '@belfry/protocol';
import * as v from 'valibot';
import type { EndpointToken, Uaid } from '../identifiers.ts';
import type { Connection } from './connection.ts';

/** A subscription with what else is known of it. */
export interface ListedSubscription {
  /** Its number, in the order of subscribing. */
  readonly id: number;
  readonly token: EndpointToken;
  readonly uaid: Uaid;
  readonly vapidKey: VapidPublicKey | undefined;
  readonly live: boolean;
  /** What Chromium named it by, such as 'wp:https://app.example.com/#GUID'; undefined for all others. */
  readonly subtype: string | undefined;
  /** Whether its user agent is the service itself. */
  readonly scripted: boolean;
  /** How many messages wait for it. */
  readonly waiting: number;
}

const listedRow = v.pipe(
  v.object({
    id: v.number(),
    token: v.string(),
    uaid: v.string(),
    vapid_key: v.nullable(v.string()),
    live: v.number(),
    subtype: v.nullable(v.string()),
    scripted: v.number(),
    waiting: v.number(),
  }),
  v.transform(
    (row): ListedSubscription => ({
      id: row.id,
      token: branded(row.token),
      uaid: branded(row.uaid),
      vapidKey: row.vapid_key === null ? undefined : branded(row.vapid_key),
      live: row.live === 1,
      subtype: row.subtype ?? undefined,
      scripted: row.scripted === 1,
      waiting: row.waiting,
    }),
  ),
);

const idRow = v.object({ id: v.number() });
const tokenOfRow = v.object({ token: v.string() });

/** Subscriptions as a person looks at them: numbered, the newest first. */
export class SubscriptionList {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Those that live before those that ended; at most `limit`. */
  list({ now, limit }: { readonly now: number; readonly limit: number }): ListedSubscription[] {
    return v.parse(v.array(listedRow), this.#connection.statement('listSubscriptions').all({ now, limit }));
  }

  idOf(token: EndpointToken): number | undefined {
    return v.parse(v.optional(idRow), this.#connection.statement('subscriptionId').get({ token }))?.id;
  }

  tokenOf(id: number): EndpointToken | undefined {
    const row = v.parse(v.optional(tokenOfRow), this.#connection.statement('subscriptionToken').get({ id }));
    return row === undefined ? undefined : branded(row.token);
  }
}
