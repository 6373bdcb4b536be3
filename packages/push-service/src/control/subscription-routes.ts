import * as v from 'valibot';
import { endpointField } from './control-fields.ts';
import { type ControlRoute, DONE } from './control-route.ts';
import { parseInput } from './parse-input.ts';
import { personaNamed } from './persona-named.ts';

const createInput = v.strictObject({
  persona: v.optional(v.string()),
  applicationServerKey: v.optional(v.string()),
});
const personaInput = v.strictObject({ persona: v.string() });
const endpointInput = v.strictObject({ endpoint: endpointField });

export const SUBSCRIPTION_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/api/subscriptions',
    handle: (_request, { control }) => ({ status: 200, json: { subscriptions: control.subscriptions() } }),
  },
  {
    method: 'POST',
    path: '/api/subscriptions',
    handle({ body }, { control }) {
      const { persona: name, applicationServerKey } = parseInput(createInput, body);
      const persona = name === undefined ? undefined : personaNamed(name).name;
      return { status: 201, json: control.createSubscription({ persona, applicationServerKey }) };
    },
  },
  {
    method: 'POST',
    path: '/api/subscriptions/:id/expire',
    handle({ id }, { control }) {
      control.expireSubscription(id);
      return DONE;
    },
  },
  {
    method: 'POST',
    path: '/api/subscriptions/:id/rotate',
    handle({ id }, { control }) {
      control.rotateSubscription(id);
      return DONE;
    },
  },
  {
    method: 'PUT',
    path: '/api/subscriptions/:id/persona',
    handle({ id, body }, { control }) {
      control.setPersona(personaNamed(parseInput(personaInput, body).persona).name, { subscription: id });
      return DONE;
    },
  },
  // For callers that know nothing but an endpoint, which is no part of a path: paths end up in logs.
  {
    method: 'POST',
    path: '/api/expire',
    handle({ body }, { control }) {
      control.expireSubscription(parseInput(endpointInput, body).endpoint);
      return DONE;
    },
  },
  {
    method: 'POST',
    path: '/api/rotate',
    handle({ body }, { control }) {
      control.rotateSubscription(parseInput(endpointInput, body).endpoint);
      return DONE;
    },
  },
];
