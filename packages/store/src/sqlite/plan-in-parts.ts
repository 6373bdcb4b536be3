import { SMALL_AUDIENCE_DEVICES } from '../chunk.ts';
import type { PlanMessage } from '../message.ts';
import type { PlanPart, PlanProgress } from './operations/plan-message.ts';

/**
 * Deliveries that one call makes. Measured with a message to 50,000 devices on two cores: another write waits for 0.1 s at most, and
 * for 1.1 s where all deliveries are made at once. With 1,000 it waits as long, and the planning takes twice the time.
 */
const MAX_PLANNED_AT_ONCE = 2_000;

/**
 * Plans a message in transactions of bounded size, so that other writes come in between. The first part goes with what else is written
 * at that moment, such as 99 other messages that are due; the rest of one message at a time.
 *
 * @param planPart one part in one transaction, together with all that is called at the same time
 */
export function planInParts(
  planPart: (part: PlanPart) => Promise<PlanProgress>,
): (plan: PlanMessage) => Promise<boolean> {
  let earlier: Promise<unknown> = Promise.resolve();

  async function planRest(plan: PlanMessage): Promise<PlanProgress> {
    const progress = await planPart({ ...plan, limit: MAX_PLANNED_AT_ONCE });
    return progress === 'more' ? await planRest(plan) : progress;
  }

  return async (plan) => {
    const first = await planPart({ ...plan, limit: SMALL_AUDIENCE_DEVICES });
    if (first !== 'more') return first === 'planned';
    const rest = earlier.then(() => planRest(plan));
    earlier = rest.catch(() => {});
    return (await rest) === 'planned';
  };
}
