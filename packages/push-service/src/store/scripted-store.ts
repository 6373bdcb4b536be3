import { type AuthSecret, branded } from '@belfry/protocol';
import * as v from 'valibot';
import type { EndpointToken, Uaid } from '../identifiers.ts';
import { PERSONA_NAMES, type PersonaName } from '../personas/persona.ts';
import type { Connection } from './connection.ts';

/** A subscription whose user agent is the service itself. */
export interface ScriptedSubscription {
  readonly token: EndpointToken;
  readonly uaid: Uaid;
  /** P-256, 32 octets. */
  readonly privateKey: Uint8Array;
  readonly auth: AuthSecret;
  /** Whose endpoint it has. */
  readonly persona: PersonaName;
}

const scriptedRow = v.pipe(
  v.object({
    token: v.string(),
    uaid: v.string(),
    private_key: v.instance(Uint8Array),
    auth: v.instance(Uint8Array),
    persona: v.picklist(PERSONA_NAMES),
  }),
  v.transform(
    (row): ScriptedSubscription => ({
      token: branded(row.token),
      uaid: branded(row.uaid),
      privateKey: row.private_key,
      auth: branded(new Uint8Array(row.auth)),
      persona: row.persona,
    }),
  ),
);

/** The keys of scripted subscriptions, which are known here where a browser's never are. Synchronous and durable. */
export class ScriptedStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** After its channel, whose `uaid` it takes. */
  add({ token, privateKey, auth, persona }: Omit<ScriptedSubscription, 'uaid'>): void {
    this.#connection.statement('addScripted').run({ token, privateKey, auth, persona });
  }

  /** The live ones. */
  list(): ScriptedSubscription[] {
    return v.parse(v.array(scriptedRow), this.#connection.statement('listScripted').all());
  }
}
