/** What is deleted after a time, and the columns that say since when. All of them have an index. */
export const DELETED_AFTER = [
  { table: 'idempotency_keys', key: 'key', since: 'created_at', where: 'TRUE' },
  { table: 'messages', key: 'seq', since: 'ended_at', where: 'ended_at IS NOT NULL' },
  { table: 'devices', key: 'id', since: 'gone_at', where: "state = 'gone'" },
  { table: 'retired_secrets', key: 'secret_hash', since: 'retired_at', where: 'TRUE' },
] as const;
