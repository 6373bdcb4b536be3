import * as v from 'valibot';
import { checkFault } from './check-fault.ts';
import { ControlError } from './control-error.ts';
import { originField, subscriptionField } from './control-fields.ts';
import { type ControlRoute, DONE } from './control-route.ts';
import { parseInput } from './parse-input.ts';
import type { PlannedFault } from './push-service-control.ts';

const faultInput = v.strictObject({
  fault: v.unknown(),
  subscription: v.optional(subscriptionField),
  origin: v.optional(originField),
  skip: v.optional(v.number()),
  times: v.optional(v.union([v.number(), v.literal('always')])),
});

/** A fault that is still to come, as JSON has it, which knows no Infinity. */
export type PlannedFaultJson = Omit<PlannedFault, 'times'> & { readonly times: number | 'always' };

export const FAULT_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/api/faults',
    handle: (_request, { control }) => ({ status: 200, json: { faults: control.faults().map(plannedFaultJson) } }),
  },
  {
    method: 'POST',
    path: '/api/faults',
    handle({ body }, { control }) {
      const { fault, times, ...options } = parseInput(faultInput, body);
      const id = control.addFault(checkFault(fault), { ...options, times: times === 'always' ? Infinity : times });
      return { status: 201, json: { id } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/faults/:id',
    handle({ id }, { control }) {
      if (!control.removeFault(id)) throw new ControlError('not-found', `No fault ${id} is planned, or none any more`);
      return DONE;
    },
  },
];

function plannedFaultJson({ times, ...fault }: PlannedFault): PlannedFaultJson {
  return { ...fault, times: times === Infinity ? 'always' : times };
}
