import { GCM_STATEMENTS, type GcmStatementName } from './gcm-statements.ts';

export type StatementName =
  | GcmStatementName
  | 'addScripted'
  | 'listScripted'
  | 'listSubscriptions'
  | 'subscriptionId'
  | 'subscriptionToken'
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'isKnown'
  | 'findChannel'
  | 'findLiveChannel'
  | 'liveTokens'
  | 'addChannel'
  | 'retireChannel'
  | 'removeMessagesOfChannel'
  | 'addMessage'
  | 'removeTopic'
  | 'isFull'
  | 'pendingIds'
  | 'pendingMessage'
  | 'acknowledge'
  | 'removeMessage'
  | 'removeExpired'
  | 'addReceiptSubscription'
  | 'useReceiptSubscription'
  | 'removeUnusedReceiptSubscriptions'
  | 'addReceipt'
  | 'settleReceipt'
  | 'settledReceipts'
  | 'removeReceipt';

export const STATEMENTS: Readonly<Record<StatementName, string>> = {
  ...GCM_STATEMENTS,
  addScripted: `
    INSERT INTO scripted_subscriptions (token, private_key, auth, persona) VALUES (:token, :privateKey, :auth, :persona)`,
  listScripted: `
    SELECT token, uaid, private_key, auth, persona FROM scripted_subscriptions JOIN channels USING (token)
    WHERE live = 1`,
  // No row is ever deleted, so the rowid is a number that stays.
  listSubscriptions: `
    SELECT channels.rowid AS id, token, uaid, vapid_key, live, subtype,
      EXISTS (SELECT 1 FROM scripted_subscriptions WHERE scripted_subscriptions.token = channels.token) AS scripted,
      (SELECT COUNT(*) FROM messages WHERE messages.token = channels.token AND expires_at > :now) AS waiting
    FROM channels LEFT JOIN gcm_registrations USING (channel_id)
    ORDER BY live DESC, channels.rowid DESC LIMIT :limit`,
  subscriptionId: `SELECT rowid AS id FROM channels WHERE token = :token`,
  subscriptionToken: `SELECT token FROM channels WHERE rowid = :id`,
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  isKnown: `SELECT 1 FROM channels WHERE uaid = :uaid AND live = 1`,
  findChannel: `SELECT token, uaid, channel_id, vapid_key, live FROM channels WHERE token = :token`,
  findLiveChannel: `
    SELECT token, uaid, channel_id, vapid_key, live FROM channels
    WHERE channel_id = :channelId AND live = 1`,
  liveTokens: `SELECT token FROM channels WHERE uaid = :uaid AND live = 1`,
  addChannel: `
    INSERT INTO channels (token, uaid, channel_id, vapid_key) VALUES (:token, :uaid, :channelId, :vapidKey)`,
  retireChannel: `UPDATE channels SET live = 0 WHERE token = :token RETURNING channel_id`,
  removeMessagesOfChannel: `DELETE FROM messages WHERE token = :token RETURNING id`,
  addMessage: `
    INSERT INTO messages (id, token, topic, urgency, body, expires_at)
    VALUES (:id, :token, :topic, :urgency, :body, :expiresAt)`,
  removeTopic: `DELETE FROM messages WHERE token = :token AND topic = :topic RETURNING id`,
  // Reads no more than :limit rows, however long the queue is.
  isFull: `SELECT 1 FROM messages WHERE token = :token LIMIT 1 OFFSET :limit - 1`,
  pendingIds: `
    SELECT messages.id FROM messages JOIN channels USING (token)
    WHERE channels.uaid = :uaid AND channels.live = 1 AND expires_at > :now ORDER BY messages.sequence`,
  pendingMessage: `
    SELECT messages.id, channels.channel_id, messages.body FROM messages JOIN channels USING (token)
    WHERE messages.id = :id AND expires_at > :now`,
  // Not `token IN (SELECT …)`: no index has the uaid of channels that ended, and it read all of them (1.4 ms of 10,000).
  acknowledge: `
    DELETE FROM messages WHERE id = :id
    AND EXISTS (SELECT 1 FROM channels
      WHERE channels.token = messages.token AND uaid = :uaid AND channel_id = :channelId)`,
  removeMessage: `DELETE FROM messages WHERE id = :id AND expires_at > :now`,
  removeExpired: `
    DELETE FROM messages WHERE sequence IN
    (SELECT sequence FROM messages WHERE expires_at <= :now ORDER BY expires_at LIMIT :limit) RETURNING id`,
  addReceiptSubscription: `INSERT INTO receipt_subscriptions (token, used_at) VALUES (:token, :now)`,
  useReceiptSubscription: `UPDATE receipt_subscriptions SET used_at = :now WHERE token = :token`,
  removeUnusedReceiptSubscriptions: `
    DELETE FROM receipt_subscriptions WHERE token IN
    (SELECT token FROM receipt_subscriptions WHERE used_at <= :usedBefore ORDER BY used_at LIMIT :limit)`,
  addReceipt: `INSERT INTO receipts (message_id, subscription) VALUES (:messageId, :subscription)`,
  settleReceipt: `UPDATE receipts SET status = :status WHERE message_id = :messageId RETURNING subscription`,
  settledReceipts: `
    SELECT message_id, status FROM receipts
    WHERE subscription = :subscription AND status IS NOT NULL ORDER BY sequence LIMIT :limit`,
  removeReceipt: `DELETE FROM receipts WHERE message_id = :messageId`,
};
