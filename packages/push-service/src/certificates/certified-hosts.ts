import { CHROMIUM_ENDPOINT_HOSTS } from '../chromium-endpoints.ts';
import { PERSONA_ORIGINS } from '../personas/persona-origins.ts';

/**
 * Whose endpoints this machine may stand in for, besides its own: those of Chromium, which no flag can change, and those
 * of the personas. Whoever is sent here in their place must be able to verify it.
 */
export const CERTIFIED_HOSTS: readonly string[] = [
  ...new Set([...CHROMIUM_ENDPOINT_HOSTS, ...Object.values(PERSONA_ORIGINS).map((origin) => new URL(origin).hostname)]),
];
