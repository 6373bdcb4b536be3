import { PushServiceError } from '../errors.ts';
import { PERSONA_NAMES, type Persona } from '../personas/persona.ts';
import { PERSONAS, parsePersonaName } from '../personas/personas.ts';

/** @throws {PushServiceError} `unknown-persona` */
export function personaNamed(name: string): Persona {
  const known = parsePersonaName(name);
  if (known !== undefined) return PERSONAS[known];
  throw new PushServiceError(
    'unknown-persona',
    `There is no persona ${JSON.stringify(name.slice(0, 32))}: it is one of ${PERSONA_NAMES.join(', ')}`,
  );
}
