/**
 * `store-in-use`: another process holds it. `store-newer`: a later version of Belfry wrote it, or changed its schema meanwhile so
 * that this one cannot use it; it takes no more calls until the process starts again.
 * `store-closed`: called after `close()`. `store-replaced`: the database file or its WAL was moved, replaced, overwritten, truncated or deleted
 * while it was open, or another process has taken the store over; nothing is stored any more until the process starts again.
 * `store-busy`: too many calls of this kind wait already, or another transaction kept a lock for 10 s; nothing was done.
 * `store-failed`: the database refused (a full disk, a broken file); the cause says why.
 */
export type StoreErrorCode =
  | 'store-in-use'
  | 'store-newer'
  | 'store-closed'
  | 'store-replaced'
  | 'store-busy'
  | 'store-failed';

/** Why a store could not be opened, or could not do what was asked. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
