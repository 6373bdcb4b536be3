import type { DeliveryDevice } from '@belfry/store';
import { MAX_STRAGGLERS_PER_ORIGIN } from '../limits.ts';
import { areSignOfFault, type HasAccepted } from './page-judge.ts';

/** What a page of a broadcast asks of its push service's stragglers. */
export interface PageStragglers {
  /** Where this is false, `isStraggling` is false for every user. */
  readonly hasStragglers: boolean;
  /** Some request to one of this user's devices goes on after its page, or one held up a page lately. */
  isStraggling(userId: number): boolean;
  /** This user's devices held up a page for longer than `STRAGGLER_MS`. */
  heldUp(userId: number): void;
  /**
   * Whether a page of so many devices may go on without these, which have not responded. Where it may, each counts as a straggler
   * until `returned`.
   */
  leave(stragglers: readonly DeliveryDevice[], devices: number): boolean;
}

/** The devices of one push service whose requests go on after their pages. */
export class OriginStragglers implements Omit<PageStragglers, 'heldUp'> {
  readonly #hasAccepted: HasAccepted;
  /** How many each user has. */
  readonly #counts = new Map<number, number>();
  #size = 0;

  constructor(hasAccepted: HasAccepted) {
    this.#hasAccepted = hasAccepted;
  }

  get hasStragglers(): boolean {
    return this.#size > 0;
  }

  isStraggling(userId: number): boolean {
    return this.#counts.has(userId);
  }

  leave(stragglers: readonly DeliveryDevice[], devices: number): boolean {
    // A few users' stragglers are no sign of a fault, even if they are all that a page has.
    if (stragglers.length * 2 > devices && areSignOfFault(stragglers, this.#hasAccepted)) return false;
    if (this.#size + stragglers.length > MAX_STRAGGLERS_PER_ORIGIN) return false;
    this.#size += stragglers.length;
    for (const { userId } of stragglers) this.#counts.set(userId, (this.#counts.get(userId) ?? 0) + 1);
    return true;
  }

  /** The request to a straggler has ended. */
  returned({ userId }: Pick<DeliveryDevice, 'userId'>): void {
    this.#size -= 1;
    const left = (this.#counts.get(userId) ?? 0) - 1;
    if (left > 0) this.#counts.set(userId, left);
    else this.#counts.delete(userId);
  }
}
