/**
 * So many topics are looked at by `Store.purge` for each row that it may delete, to find those without members. Two look-ups each:
 * the 2,000 of a call by the retention loop are a few milliseconds of SQLite's writer. A million topics take 500 calls, a second
 * apart.
 */
export const TOPICS_PER_ROW = 4;
