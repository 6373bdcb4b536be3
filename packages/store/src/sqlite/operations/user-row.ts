import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '../../ids.ts';
import { integer } from '../row.ts';

/** The user's row, made where there is none yet; answers its internal id. */
export function prepareUserRow(database: DatabaseSync): (userId: UserId, now: number) => number {
  const find = database.prepare('SELECT id FROM users WHERE external_id = ?');
  const insert = database.prepare('INSERT INTO users (external_id, created_at) VALUES (?, ?)');
  return (userId, now) => {
    const row = find.get(userId);
    return row === undefined ? Number(insert.run(userId, now).lastInsertRowid) : integer(row, 'id');
  };
}
