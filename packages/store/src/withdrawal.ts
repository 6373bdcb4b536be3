import type { Binding, DeviceId, MessageId } from './ids.ts';

/** What must not be sent any more, though a process may have taken its deliveries into memory. */
export interface Withdrawal {
  /** Of messages that were cancelled. */
  readonly messages: readonly MessageId[];
  /** Bindings that ended, of devices that moved to another user or were removed. */
  readonly bindings: readonly Binding[];
}

/** A delivery that a process has taken, and whose request may still begin. */
export interface TakenDelivery {
  readonly message: MessageId;
  readonly deviceId: DeviceId;
  readonly binding: Binding;
}
