import * as v from 'valibot';
import { PERSONA_NAMES } from '../personas/persona.ts';
import { originField, subscriptionField } from './control-fields.ts';
import { type ControlRoute, DONE } from './control-route.ts';
import { parseInput } from './parse-input.ts';
import { personaNamed } from './persona-named.ts';

const personaInput = v.strictObject({
  persona: v.string(),
  subscription: v.optional(subscriptionField),
  origin: v.optional(originField),
});

/** Of the service as a whole. */
export const SERVICE_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/api/service',
    handle(_request, { service }) {
      const { persona, endpointOrigin } = service;
      return { status: 200, json: { persona: persona(), personas: PERSONA_NAMES, endpointOrigin } };
    },
  },
  {
    method: 'PUT',
    path: '/api/persona',
    handle({ body }, { control }) {
      const { persona, ...target } = parseInput(personaInput, body);
      control.setPersona(personaNamed(persona).name, target);
      return DONE;
    },
  },
];
