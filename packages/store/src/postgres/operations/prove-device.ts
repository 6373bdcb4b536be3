import { branded } from '@belfry/protocol';
import type { DeviceProof } from '../../device.ts';
import type { UserId } from '../../ids.ts';
import type { Database } from '../database.ts';
import { text } from '../row.ts';
import { isUnretired } from './retired-secrets.ts';

/** See `Store.proveDevice`. `database` has connections of its own: strangers never wait in the queue of the other calls. */
export function prepareProveDevice(database: Database): (proof: DeviceProof) => Promise<UserId | undefined> {
  const find = database.prepare(`
    SELECT u.external_id FROM belfry.devices d JOIN belfry.users u ON u.id = d.user_id
    WHERE d.public_id = $1 AND d.secret_hash = $2 AND ${isUnretired('$2')}`);
  return async ({ publicId, secretHash }) => {
    const [row] = await database.read(find, publicId, secretHash);
    return row && branded(text(row[0]));
  };
}
