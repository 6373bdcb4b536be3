import type { DatabaseSync } from 'node:sqlite';
import { text } from '../row.ts';

/** The push services of live devices. Looks for the next one after each: DISTINCT would read a row for each device. */
export function preparePushOrigins(database: DatabaseSync): () => Generator<string> {
  const next = database.prepare(`
    SELECT push_origin FROM devices INDEXED BY devices_fan_out WHERE state = 'live' AND push_origin > ?
    ORDER BY push_origin LIMIT 1`);
  return function* () {
    let origin = '';
    for (let row = next.get(origin); row !== undefined; row = next.get(origin)) {
      origin = text(row, 'push_origin');
      yield origin;
    }
  };
}
