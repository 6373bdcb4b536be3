import { branded } from '@belfry/protocol';
import type { Binding, PublicDeviceId } from '../../ids.ts';
import type { KnownSubscription } from '../../renew-subscription.ts';
import { bytes, bytesOrNull, integer, integerOrNull, type Row, text } from '../row.ts';

/** As much of a device as saving it again takes. */
export interface KnownDevice extends KnownSubscription {
  readonly id: number;
  readonly user: number;
  readonly publicId: PublicDeviceId;
  readonly binding: Binding;
  readonly secretHash: Uint8Array | null;
}

/** The columns that {@link toKnownDevice} reads, for `FROM devices d`. */
export const KNOWN_DEVICE_COLUMNS = `
  d.id, d.user_id, d.public_id, d.binding, d.endpoint, d.p256dh, d.auth, d.vapid_public_key, d.state, d.refused_at,
  d.secret_hash`;

export function toKnownDevice(row: Row): KnownDevice {
  const [id, user, publicId, binding, endpoint, p256dh, auth, vapidPublicKey, state, refusedAt, ...rest] = row;
  const [secretHash] = rest;
  return {
    id: integer(id),
    user: integer(user),
    publicId: branded(text(publicId)),
    binding: branded(text(binding)),
    endpoint: text(endpoint),
    p256dh: bytes(p256dh),
    auth: bytes(auth),
    vapidPublicKey: branded(text(vapidPublicKey)),
    isGone: state === 'gone',
    refusedAt: integerOrNull(refusedAt),
    secretHash: bytesOrNull(secretHash),
  };
}
