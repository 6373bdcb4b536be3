import type { ServerResponse } from 'node:http';
import { PushServiceError } from '../errors.ts';
import { parseFault } from '../faults/parse-fault.ts';
import {
  endpointInput,
  faultInput,
  noInput,
  personaInput,
  pushesInput,
  subscriptionInput,
  targetedPersonaInput,
} from './control-inputs.ts';
import { ControlError } from './control-error.ts';
import { parseInput } from './parse-input.ts';
import { personaNamed } from './persona-named.ts';
import type { PlannedFault, PushServiceControl } from './push-service-control.ts';
import { streamPushes } from './stream-pushes.ts';

/** A request whose caller may make it. */
export interface ControlRequest {
  /** Of the path; 0 where it has none. */
  readonly id: number;
  readonly query: URLSearchParams;
  /** JSON, not yet checked; undefined for GET and DELETE. */
  readonly body: unknown;
}

export type ControlAnswer =
  | { readonly status: 200 | 201; readonly json: unknown }
  | { readonly status: 204 }
  /** Writes the answer itself, for as long as the caller stays. */
  | { readonly status: 'streamed'; readonly stream: (response: ServerResponse) => void };

export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:id` stands for a number. */
  readonly path: string;
  readonly handle: (request: ControlRequest, control: PushServiceControl) => ControlAnswer;
}

/** A fault that is still to come, as JSON has it, which knows no Infinity. */
export type PlannedFaultJson = Omit<PlannedFault, 'times'> & { readonly times: number | 'always' };

const DONE: ControlAnswer = { status: 204 };

export const CONTROL_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/api/subscriptions',
    handle: (_request, control) => ({ status: 200, json: { subscriptions: control.subscriptions() } }),
  },
  {
    method: 'POST',
    path: '/api/subscriptions',
    handle({ body }, control) {
      const { persona, applicationServerKey } = parseInput(subscriptionInput, body);
      const name = persona === undefined ? undefined : personaNamed(persona).name;
      return { status: 201, json: control.createSubscription({ persona: name, applicationServerKey }) };
    },
  },
  {
    method: 'POST',
    path: '/api/subscriptions/:id/expire',
    handle: withoutInput((id, control) => control.expireSubscription(id)),
  },
  {
    method: 'POST',
    path: '/api/subscriptions/:id/rotate',
    handle: withoutInput((id, control) => control.rotateSubscription(id)),
  },
  {
    method: 'PUT',
    path: '/api/subscriptions/:id/persona',
    handle({ id, body }, control) {
      const { persona } = parseInput(personaInput, body);
      control.setPersona(personaNamed(persona).name, { subscription: id });
      return DONE;
    },
  },
  {
    method: 'POST',
    path: '/api/expire',
    handle: withEndpoint((endpoint, control) => control.expireSubscription(endpoint)),
  },
  {
    method: 'POST',
    path: '/api/rotate',
    handle: withEndpoint((endpoint, control) => control.rotateSubscription(endpoint)),
  },
  {
    method: 'PUT',
    path: '/api/persona',
    handle({ body }, control) {
      const { persona, ...target } = parseInput(targetedPersonaInput, body);
      control.setPersona(personaNamed(persona).name, target);
      return DONE;
    },
  },
  {
    method: 'GET',
    path: '/api/faults',
    handle: (_request, control) => ({ status: 200, json: { faults: control.faults().map(plannedFaultJson) } }),
  },
  {
    method: 'POST',
    path: '/api/faults',
    handle({ body }, control) {
      const { fault, times, ...options } = parseInput(faultInput, body);
      const parsed = parseFault(fault);
      if (!parsed.ok) throw new PushServiceError('invalid-fault', `There is no such fault. ${parsed.error}`);
      const id = control.addFault(parsed.value, { ...options, times: times === 'always' ? Infinity : times });
      return { status: 201, json: { id } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/faults/:id',
    handle({ id }, control) {
      if (!control.removeFault(id)) throw new ControlError('not-found', `No fault ${id} is planned, or none any more`);
      return DONE;
    },
  },
  {
    method: 'GET',
    path: '/api/pushes',
    handle({ query }, control) {
      const { subscription, limit } = parseInput(pushesInput, Object.fromEntries(query));
      const pushes = control
        .pushes()
        .filter((push) => subscription === undefined || push.subscription === subscription);
      return { status: 200, json: { pushes: pushes.slice(0, limit) } };
    },
  },
  {
    method: 'GET',
    path: '/api/pushes/stream',
    handle: (_request, control) => ({ status: 'streamed', stream: (response) => streamPushes(response, control) }),
  },
  { method: 'POST', path: '/api/pushes/:id/resend', handle: withoutInput((id, control) => control.resend(id)) },
  {
    method: 'DELETE',
    path: '/api/pushes',
    handle(_request, control) {
      control.clearPushes();
      return DONE;
    },
  },
];

function withoutInput(act: (id: number, control: PushServiceControl) => void): ControlRoute['handle'] {
  return ({ id, body }, control) => {
    parseInput(noInput, body);
    act(id, control);
    return DONE;
  };
}

function withEndpoint(act: (endpoint: string, control: PushServiceControl) => void): ControlRoute['handle'] {
  return ({ body }, control) => {
    act(parseInput(endpointInput, body).endpoint, control);
    return DONE;
  };
}

function plannedFaultJson({ times, ...fault }: PlannedFault): PlannedFaultJson {
  return { ...fault, times: times === Infinity ? 'always' : times };
}
