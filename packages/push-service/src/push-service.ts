import type { ChromiumEndpoints } from './chromium-endpoints.ts';
import type { PushServiceControl } from './control/push-service-control.ts';
import type { PersonaOrigins } from './personas/persona-origins.ts';

/** A push service that runs, and what can be had from it. */
export interface PushService extends PushServiceControl {
  /** What Firefox's `dom.push.serverURL` must be, such as 'ws://127.0.0.1:8788/'. */
  readonly autopushUrl: string;
  /** What Chromium must be started with to use this service. */
  readonly chromium: ChromiumEndpoints;
  /** The origin of Firefox's endpoints, and the audience of VAPID tokens for them, such as 'https://localhost:8789'. */
  readonly endpointOrigin: string;
  /** All origins that its endpoints have: besides, the two that are built into Chromium. */
  readonly endpointOrigins: readonly string[];
  /** Where they are to be reached. */
  readonly address: { readonly host: string; readonly port: number };
  /**
   * Origins of the public services, for which it answers as they do: `createSubscription({ persona: 'apple' })` has an
   * endpoint there. An application server must be told to find them here, and then has no way to the real ones.
   */
  readonly personaOrigins: PersonaOrigins;
  /** Its page, and the root of its control API, such as 'http://127.0.0.1:8792/'. */
  readonly controlUrl: string;
  /** PEM, for an application server to trust in development; never for a system's trust store. */
  readonly certificateAuthority: string;
  /** Closes connections, servers and store. Firefox reconnects by itself to the next service on the same port. */
  close(): Promise<void>;
}
