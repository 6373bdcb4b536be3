import type { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import type { DeviceProof } from '../../device.ts';
import type { UserId } from '../../ids.ts';
import { text } from '../row.ts';

/** See `Store.proveDevice`. */
export function prepareProveDevice(database: DatabaseSync): (proof: DeviceProof) => UserId | undefined {
  const find = database.prepare(`
    SELECT u.external_id AS user FROM devices d JOIN users u ON u.id = d.user_id
    WHERE d.public_id = ? AND d.secret_hash = ?`);
  return ({ publicId, secretHash }) => {
    const row = find.get(publicId, secretHash);
    return row && branded(text(row, 'user'));
  };
}
