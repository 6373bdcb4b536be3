import { DatabaseError } from 'pg';
import { StoreError } from '../errors.ts';

/**
 * What a failed query calls for. `repeat`: it was undone, because of another transaction that ran beside it. `lost`: the
 * connection broke, and what was under way may have been committed. `refused`: PostgreSQL says no, and would again.
 */
export type FailureKind = 'repeat' | 'lost' | 'refused';

/** Serialization failure, deadlock, and a unique violation: where two processes make the same row, the second finds it. */
const REPEAT = new Set(['40001', '40P01', '23505']);
/** The server ends, crashes, starts, has no connection left, or ended a transaction that stood still. */
const LOST = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '53300']);

const LOCK_TIMEOUT = '55P03';

/** Undefined column, table or function: a later version may have changed the schema. `SchemaWatch` finds out whether one did. */
const CHANGED_SCHEMA = new Set(['42703', '42P01', '42883']);

export function failureKind(error: unknown): FailureKind {
  // What a transaction throws itself: a newer store stays one.
  if (error instanceof StoreError) return 'refused';
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    if (REPEAT.has(code)) return 'repeat';
    return LOST.has(code) || code.startsWith('08') ? 'lost' : 'refused';
  }
  // What the driver throws itself has no class of its own: all of it is of the connection, but for mistakes in a call. Who has
  // waited for a timeout does not wait for another.
  const isFinal = error instanceof TypeError || error instanceof RangeError || /timeout/iv.test(String(error));
  return isFinal ? 'refused' : 'lost';
}

/**
 * Without a cause: PostgreSQL's details quote values of the row, endpoints among them, and errors of a malformed url hold the
 * url, which has a password. Its messages name tables, columns and constraints only.
 */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof DatabaseError) {
    if (error.code === LOCK_TIMEOUT) {
      return new StoreError('store-busy', 'Another transaction kept a lock for too long; nothing was done');
    }
    if (CHANGED_SCHEMA.has(error.code ?? '')) {
      return new StoreError(
        'store-newer',
        `The schema lacks something that this version of Belfry uses. PostgreSQL: ${error.message}`,
      );
    }
    return new StoreError('store-failed', `PostgreSQL refused: ${error.message} (${error.code ?? 'no code'})`);
  }
  const message = error instanceof Error ? error.message : 'unknown error';
  return new StoreError('store-failed', `PostgreSQL cannot be used: ${message}`);
}
