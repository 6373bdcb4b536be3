import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** One message of the chat. */
export interface ChatMessage {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** All that was ever said. */
export interface MessageLog {
  add(message: Omit<ChatMessage, 'id'>): ChatMessage;
  /** The last hundred messages between two people, oldest first. */
  between(one: string, other: string): ChatMessage[];
  /** With whom somebody has talked, the latest first. */
  partnersOf(name: string): string[];
  close(): void;
}

export function openMessageLog(path: string): MessageLog {
  // What people write is for the server's user alone. SQLite gives the -wal and -shm files the mode of the database.
  closeSync(openSync(path, 'a', 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS messages (
      id INTEGER PRIMARY KEY, sender TEXT NOT NULL, receiver TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_pair ON messages (sender, receiver)`);
  const insert = database.prepare('INSERT INTO messages (sender, receiver, text, at) VALUES (?, ?, ?, ?)');
  const pair = database.prepare(`
    SELECT * FROM (
      SELECT * FROM messages WHERE (sender = :one AND receiver = :other) OR (sender = :other AND receiver = :one)
      ORDER BY id DESC LIMIT 100
    ) ORDER BY id`);
  const partners = database.prepare(`
    SELECT iif(sender = :name, receiver, sender) AS partner FROM messages
    WHERE sender = :name OR receiver = :name GROUP BY partner ORDER BY max(id) DESC LIMIT 50`);
  return {
    add(message) {
      const { lastInsertRowid } = insert.run(message.from, message.to, message.text, message.at);
      return { id: Number(lastInsertRowid), ...message };
    },
    between: (one, other) =>
      pair.all({ one, other }).map((row) => ({
        id: Number(row['id']),
        from: String(row['sender']),
        to: String(row['receiver']),
        text: String(row['text']),
        at: Number(row['at']),
      })),
    partnersOf: (name) => partners.all({ name }).map((row) => String(row['partner'])),
    close: () => database.close(),
  };
}
