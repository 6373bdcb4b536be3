import type { DeviceId, MessageId } from '@belfry/store';
import { keepNewest } from '../keep-newest.ts';

/** Of each kind. What waits in memory does so for 85 s at most, so that these are enough for 100 ended sessions a second. */
const MAX_REMEMBERED = 10_000;

/**
 * What this process has cancelled: messages, and devices of ended sessions, whose ids are never used again. Their deliveries may be
 * waiting in memory for a slow push service, and are asked for here before their requests begin. Another process does not know, and
 * begins what it has taken from the store within 85 s (`LEASE_MS` - `LEASE_MARGIN_MS`).
 */
export class Withdrawn {
  readonly #messages = new Map<MessageId, true>();
  readonly #devices = new Map<DeviceId, true>();

  addMessage(id: MessageId): void {
    keepNewest(this.#messages, { key: id, value: true, limit: MAX_REMEMBERED });
  }

  addDevice(id: DeviceId): void {
    keepNewest(this.#devices, { key: id, value: true, limit: MAX_REMEMBERED });
  }

  has({ message, device }: { readonly message: MessageId; readonly device: DeviceId }): boolean {
    return this.#messages.has(message) || this.#devices.has(device);
  }
}
