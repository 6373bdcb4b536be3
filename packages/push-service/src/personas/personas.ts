import { apple } from './apple.ts';
import { fcm } from './fcm.ts';
import { mozilla } from './mozilla.ts';
import { PERSONA_NAMES, type Persona, type PersonaName } from './persona.ts';
import { rfc8030 } from './rfc8030.ts';
import { wns } from './wns.ts';

export const PERSONAS: Readonly<Record<PersonaName, Persona>> = { rfc8030, fcm, mozilla, apple, wns };

/** Undefined for what is no persona's name. */
export function parsePersonaName(text: string): PersonaName | undefined {
  return PERSONA_NAMES.find((name) => name === text);
}
