import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PERSONAS, parsePersonaName } from './personas.ts';

test('each persona is found by the name that it has', () => {
  for (const [name, persona] of Object.entries(PERSONAS)) {
    expect(persona.name).toBe(name);
    expect(parsePersonaName(name)).toBe(name);
  }
});

test('whatever else is no name of a persona', () => {
  for (const text of ['', 'FCM', 'apple ', 'toString', '__proto__']) expect(parsePersonaName(text)).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => parsePersonaName(text) === undefined || text in PERSONAS));
});
