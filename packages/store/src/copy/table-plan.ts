/** PostgreSQL's type of a column; a STRICT table of SQLite has one for each. */
export type ColumnType = 'bigint' | 'integer' | 'float8' | 'text' | 'bytea' | 'jsonb';

export interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  /** What SQLite is asked for. */
  readonly from: string;
}

export interface TablePlan {
  readonly name: string;
  /** The column whose values PostgreSQL gives out, from where SQLite stopped. */
  readonly identity?: string;
  readonly columns: readonly ColumnPlan[];
}

/** Every table and column, in an order in which no row refers to a later one. A test holds it to both schemas. */
export const TABLE_PLANS: readonly TablePlan[] = [
  { name: 'users', identity: 'id', columns: columns({ bigint: 'id created_at', text: 'external_id' }) },
  {
    name: 'devices',
    identity: 'id',
    columns: columns({
      bigint:
        'id user_id expiration_time created_at updated_at gone_at failing_since refused_at silent_since accepted_at',
      integer: 'failures',
      text: `public_id session_id binding endpoint push_origin vapid_public_key page_origin worker_scope time_zone lang
        state`,
      bytea: 'secret_hash p256dh auth',
    }),
  },
  { name: 'retired_secrets', columns: columns({ bigint: 'retired_at user_id', bytea: 'secret_hash' }) },
  { name: 'topics', identity: 'id', columns: columns({ bigint: 'id', text: 'name' }) },
  { name: 'topic_users', columns: columns({ bigint: 'topic_id user_id joined_at' }) },
  { name: 'topic_devices', columns: columns({ bigint: 'topic_id device_id joined_at' }) },
  {
    name: 'messages',
    identity: 'seq',
    columns: columns(
      {
        bigint: 'seq last_device_id created_at run_at ttl_ms expires_at ended_at devices',
        float8: 'devices_per_second',
        text: 'id audience content state resumes_to collapse_key',
        bytea: 'receipt_key',
      },
      // Messages of before there were audiences were planned when they were made, so nobody asks for theirs.
      { audience: `coalesce(audience, '{"kind":"users","userIds":[]}')` },
    ),
  },
  {
    name: 'idempotency_keys',
    columns: columns({ bigint: 'created_at', text: 'key message_id', bytea: 'body_hash' }),
  },
  // What a process had leased is nobody's in the new store, and due.
  {
    name: 'deliveries',
    columns: columns(
      {
        bigint: 'seq device_id run_at expires_at updated_at held_at',
        integer: 'attempts lease',
        text: 'binding state',
      },
      { state: "iif(state = 'sending', 'retrying', state)", run_at: "iif(state = 'sending', 0, run_at)" },
    ),
  },
  { name: 'receipts', columns: columns({ bigint: 'seq device_id at', text: 'kind action' }) },
  {
    name: 'chunks',
    identity: 'id',
    columns: columns(
      {
        bigint: 'id seq cursor last_id run_at expires_at token held_at',
        text: 'push_origin time_zone state',
        jsonb: 'counts',
      },
      {
        state: `iif(state <> 'leased', state, iif(
          (SELECT m.state FROM messages m WHERE m.seq = chunks.seq) IN ('done', 'cancelled', 'expired'), 'done', 'pending'))`,
      },
    ),
  },
  { name: 'clock', columns: columns({ bigint: 'seen_at trusted_at', integer: 'id' }) },
  {
    name: 'vapid_keys',
    identity: 'id',
    columns: columns({ bigint: 'id created_at', text: 'public_key private_key' }),
  },
];

/** The names of the columns of each type, and what SQLite is asked for where that is not the column as it stands. */
function columns(
  types: Readonly<Partial<Record<ColumnType, string>>>,
  from: Readonly<Record<string, string>> = {},
): ColumnPlan[] {
  const inOrder = ['bigint', 'integer', 'float8', 'text', 'bytea', 'jsonb'] as const;
  return inOrder.flatMap((type) =>
    (types[type]?.split(/\s+/v) ?? []).map((name) => ({ name, type, from: from[name] ?? name })),
  );
}
