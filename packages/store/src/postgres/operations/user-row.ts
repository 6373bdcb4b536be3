import type { UserId } from '../../ids.ts';
import type { Database, Transaction } from '../database.ts';
import { integer } from '../row.ts';

export interface UserRow {
  /** The user's internal id, if there is one. */
  find(transaction: Transaction, userId: UserId): Promise<number | undefined>;
  /** The same, of a user who is made where there is none. */
  ensure(transaction: Transaction, userId: UserId, now: number): Promise<number>;
}

export function prepareUserRow(database: Database): UserRow {
  const select = database.prepare('SELECT id FROM belfry.users WHERE external_id = $1');
  // The update changes nothing: it answers the row that another process made meanwhile.
  const insert = database.prepare(`
    INSERT INTO belfry.users (external_id, created_at) VALUES ($1, $2)
    ON CONFLICT (external_id) DO UPDATE SET external_id = excluded.external_id RETURNING id`);

  async function find({ rows }: Transaction, userId: UserId): Promise<number | undefined> {
    const [row] = await rows(select, userId);
    return row && integer(row[0]);
  }
  return {
    find,
    async ensure(transaction, userId, now) {
      return (await find(transaction, userId)) ?? integer((await transaction.rows(insert, userId, now))[0]?.[0]);
    },
  };
}
