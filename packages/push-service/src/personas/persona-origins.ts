import { subscriptionUrl } from '../endpoint/resource.ts';
import type { EndpointToken } from '../identifiers.ts';
import type { Persona, PersonaName } from './persona.ts';
import { PERSONAS } from './personas.ts';
import { WNS_PATH_PREFIX } from './wns-path-prefix.ts';

export type PersonaOrigins = Readonly<Record<Exclude<PersonaName, 'rfc8030'>, string>>;

/** The origins of the services' own endpoints; of WNS's, and of Apple's, there are more. */
export const PERSONA_ORIGINS: PersonaOrigins = {
  fcm: 'https://fcm.googleapis.com',
  mozilla: 'https://updates.push.services.mozilla.com',
  apple: 'https://web.push.apple.com',
  wns: 'https://wns2-par02p.notify.windows.com',
};

/**
 * Origins that answer as their service whatever persona the local one has. Not FCM's: it is that of every Chrome's
 * endpoints, which are for the persona of the local service, or for their own.
 */
export const ORIGINS_WITH_PERSONA: readonly (readonly [string, Persona])[] = [
  [PERSONA_ORIGINS.mozilla, PERSONAS.mozilla],
  [PERSONA_ORIGINS.apple, PERSONAS.apple],
  [PERSONA_ORIGINS.wns, PERSONAS.wns],
];

export interface PersonaEndpointOptions {
  /** Of the local push service, for the persona that has no origin of its own, such as 'https://localhost:8789'. */
  readonly localOrigin: string;
  readonly token: EndpointToken;
}

/** A subscription's endpoint in the form that the persona's service gives it. */
export function personaEndpoint(persona: PersonaName, { localOrigin, token }: PersonaEndpointOptions): string {
  switch (persona) {
    case 'rfc8030':
      return subscriptionUrl(localOrigin, token);
    case 'mozilla':
      return subscriptionUrl(PERSONA_ORIGINS.mozilla, token);
    case 'fcm':
      return `${PERSONA_ORIGINS.fcm}/fcm/send/${token}`;
    case 'apple':
      return `${PERSONA_ORIGINS.apple}/${token}`;
    case 'wns':
      return `${PERSONA_ORIGINS.wns}${WNS_PATH_PREFIX}${token}`;
  }
}
