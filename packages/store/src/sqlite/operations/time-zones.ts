import type { DatabaseSync } from 'node:sqlite';
import { preparePushOrigins } from './push-origins.ts';
import { prepareZonesOfOrigin } from './zones-of-origin.ts';

/** See `Store.timeZones`. */
export function prepareTimeZones(database: DatabaseSync): () => readonly (string | null)[] {
  const pushOrigins = preparePushOrigins(database);
  const zonesOfOrigin = prepareZonesOfOrigin(database);
  return () => {
    const zones = new Set<string | null>();
    for (const origin of pushOrigins()) for (const zone of zonesOfOrigin(origin)) zones.add(zone);
    return [...zones];
  };
}
