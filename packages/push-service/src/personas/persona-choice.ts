import type { EndpointToken } from '../identifiers.ts';
import type { Persona } from './persona.ts';

/** Who answers for what: a subscription's own persona, else its origin's, else the service's. */
export class PersonaChoice {
  #service: Persona;
  readonly #origins: Map<string, Persona>;
  readonly #subscriptions = new Map<EndpointToken, Persona>();

  /** @param origins those that have one from the start, such as 'https://web.push.apple.com' */
  constructor(service: Persona, origins: Iterable<readonly [string, Persona]> = []) {
    this.#service = service;
    this.#origins = new Map(origins);
  }

  of(origin: string, token?: EndpointToken): Persona {
    const own = token === undefined ? undefined : this.#subscriptions.get(token);
    return own ?? this.#origins.get(origin) ?? this.#service;
  }

  setForService(persona: Persona): void {
    this.#service = persona;
  }

  setForOrigin(origin: string, persona: Persona): void {
    this.#origins.set(origin, persona);
  }

  setForSubscription(token: EndpointToken, persona: Persona): void {
    this.#subscriptions.set(token, persona);
  }
}
