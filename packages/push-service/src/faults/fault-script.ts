import type { EndpointToken } from '../identifiers.ts';
import type { Fault } from './fault.ts';

/** Which pushes a fault is for: those of a subscription, of an origin, or all. */
export type FaultTarget =
  | { readonly type: 'subscription'; readonly token: EndpointToken }
  | { readonly type: 'origin'; readonly origin: string }
  | { readonly type: 'all' };

export interface FaultRule {
  readonly id: number;
  readonly target: FaultTarget;
  readonly fault: Fault;
  /** How many pushes pass before it. */
  readonly skip: number;
  /** How many pushes it is for, once it has begun; Infinity for all. */
  readonly times: number;
}

/** The faults that are to come. The oldest that fits a push is taken, one at a time, so that they make a script. */
export class FaultScript {
  readonly #rules = new Map<number, FaultRule>();
  #lastId = 0;

  add(rule: Omit<FaultRule, 'id'>): number {
    this.#lastId += 1;
    this.#rules.set(this.#lastId, { ...rule, id: this.#lastId });
    return this.#lastId;
  }

  /** False where there is no such rule, as after its last time. */
  remove(id: number): boolean {
    return this.#rules.delete(id);
  }

  /** What is left of each rule. */
  list(): FaultRule[] {
    return [...this.#rules.values()];
  }

  /** What goes wrong with this push. */
  take(push: { readonly token: EndpointToken; readonly origin: string }): Fault | undefined {
    for (const rule of this.#rules.values()) {
      if (!fits(rule.target, push)) continue;
      if (rule.skip > 0) {
        this.#rules.set(rule.id, { ...rule, skip: rule.skip - 1 });
        continue;
      }
      if (rule.times > 1) this.#rules.set(rule.id, { ...rule, times: rule.times - 1 });
      else this.#rules.delete(rule.id);
      return rule.fault;
    }
    return undefined;
  }
}

function fits(target: FaultTarget, push: { readonly token: EndpointToken; readonly origin: string }): boolean {
  switch (target.type) {
    case 'subscription':
      return target.token === push.token;
    case 'origin':
      return target.origin === push.origin;
    case 'all':
      return true;
  }
}
