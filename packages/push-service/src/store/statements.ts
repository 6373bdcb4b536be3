export type StatementName =
  | 'isKnown'
  | 'findChannel'
  | 'findLiveChannel'
  | 'addChannel'
  | 'retireChannel'
  | 'removeMessagesOfChannel'
  | 'addMessage'
  | 'removeTopic'
  | 'pendingMessages'
  | 'acknowledge'
  | 'removeMessage'
  | 'removeExpired';

export const STATEMENTS: Readonly<Record<StatementName, string>> = {
  isKnown: `SELECT 1 FROM channels WHERE uaid = :uaid AND live = 1`,
  findChannel: `SELECT token, uaid, channel_id, vapid_key, live FROM channels WHERE token = :token`,
  findLiveChannel: `
    SELECT token, uaid, channel_id, vapid_key, live FROM channels
    WHERE channel_id = :channelId AND live = 1`,
  addChannel: `
    INSERT INTO channels (token, uaid, channel_id, vapid_key) VALUES (:token, :uaid, :channelId, :vapidKey)`,
  retireChannel: `UPDATE channels SET live = 0 WHERE token = :token`,
  removeMessagesOfChannel: `DELETE FROM messages WHERE token = :token`,
  // REPLACE is what a topic asks for (RFC 8030 §5.4): the older message of (token, topic) goes, the new one is last in line.
  addMessage: `
    INSERT OR REPLACE INTO messages (id, token, topic, urgency, body, expires_at)
    VALUES (:id, :token, :topic, :urgency, :body, :expiresAt)`,
  removeTopic: `DELETE FROM messages WHERE token = :token AND topic = :topic`,
  pendingMessages: `
    SELECT messages.id, channels.channel_id, messages.body FROM messages JOIN channels USING (token)
    WHERE channels.uaid = :uaid AND channels.live = 1 ORDER BY messages.sequence`,
  acknowledge: `
    DELETE FROM messages WHERE id = :id
    AND token IN (SELECT token FROM channels WHERE uaid = :uaid AND channel_id = :channelId)`,
  removeMessage: `DELETE FROM messages WHERE id = :id AND expires_at > :now`,
  removeExpired: `DELETE FROM messages WHERE expires_at <= :now`,
};
