import type { ServerResponse } from 'node:http';
import type { PersonaName } from '../personas/persona.ts';
import type { PushServiceControl } from './push-service-control.ts';

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

/** What the page tells of the service as a whole. */
export interface ServiceFacts {
  /** Whose answers it gives now, where no subscription or origin has its own. */
  readonly persona: () => PersonaName;
  /** Such as 'https://localhost:8789'. */
  readonly endpointOrigin: string;
  /** PEM. */
  readonly certificateAuthority: string;
}

export interface ControlContext {
  readonly control: PushServiceControl;
  readonly service: ServiceFacts;
}

export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:id` stands for a number. */
  readonly path: string;
  readonly handle: (request: ControlRequest, context: ControlContext) => ControlAnswer;
}

export const DONE: ControlAnswer = { status: 204 };
