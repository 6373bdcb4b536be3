import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { readBody } from '../endpoint/read-body.ts';
import { isUnavailable } from '../endpoint/refusal.ts';
import { parseGcmCredentials } from '../gcm-credentials.ts';
import type { Uaid } from '../identifiers.ts';
import { MAX_GCM_REQUEST_BYTES } from '../limits.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import { encodeCheckInAnswer, parseCheckIn } from './check-in.ts';
import { parseRegistration } from './parse-registration.ts';
import { type RegistrationContext, register } from './register.ts';

export interface GcmHttpOptions extends RegistrationContext {
  readonly logger: PushServiceLogger;
}

export const CHECKIN_PATH = '/checkin';
export const REGISTRATION_PATH = '/register3';

interface Answer {
  readonly status: number;
  readonly type: 'application/x-protobuf' | 'text/plain';
  readonly body: Uint8Array | string;
}

/** Serves Chromium's check-in and registration on an HTTP server that listens already. */
export function serveGcmHttp(server: Server, options: GcmHttpOptions): { close(): Promise<void> } {
  server.on('request', (request, response) => {
    answer(request, options).then(
      (result) => write(response, result),
      (fault: unknown) => {
        options.logger.warn('A check-in or registration could not be handled', faultFields(fault));
        write(
          response,
          isUnavailable(fault) ? refuse(503, 'Start the service again') : refuse(500, 'The service failed'),
        );
      },
    );
  });
  return {
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      return promise;
    },
  };
}

/** Undefined where the client went away before it had sent everything. */
async function answer(request: IncomingMessage, options: GcmHttpOptions): Promise<Answer | undefined> {
  const handle = HANDLERS.get(request.url);
  if (handle === undefined) return refuse(404, `POST to ${CHECKIN_PATH} or ${REGISTRATION_PATH}`);
  if (request.method !== 'POST') return refuse(405, 'Only POST is allowed');
  // Any web page may post to localhost. Chromium's GCM client itself sends no Origin.
  if (request.headers.origin !== undefined) return refuse(403, 'Not for web pages');
  const body = await readBody(request, { maxBytes: MAX_GCM_REQUEST_BYTES });
  if (body === 'aborted') return undefined;
  if (body === 'too-large') return refuse(413, `The body must be at most ${MAX_GCM_REQUEST_BYTES} bytes`);
  return handle({ body, authorization: request.headers.authorization }, options);
}

interface GcmRequest {
  readonly body: Uint8Array;
  readonly authorization: string | undefined;
}

const HANDLERS: ReadonlyMap<string | undefined, (request: GcmRequest, options: GcmHttpOptions) => Answer> = new Map([
  [CHECKIN_PATH, checkIn],
  [REGISTRATION_PATH, registerDevice],
]);

function checkIn({ body }: GcmRequest, { store, identifiers }: GcmHttpOptions): Answer {
  const known = parseCheckIn(body);
  if (!known.ok) return refuse(400, known.error);
  if (known.value !== undefined) {
    // On 401 Chromium forgets its check-in and subscriptions (by its sources), which are not here either.
    if (store.gcm.findDevice(known.value) === undefined) return refuse(401, 'unknown credentials');
    return { status: 200, type: 'application/x-protobuf', body: encodeCheckInAnswer(known.value) };
  }
  const credentials = identifiers.gcmCredentials();
  store.gcm.addDevice({ ...credentials, uaid: identifiers.uaid() });
  return { status: 200, type: 'application/x-protobuf', body: encodeCheckInAnswer(credentials) };
}

function registerDevice({ body, authorization }: GcmRequest, options: GcmHttpOptions): Answer {
  const device = authenticate(authorization, options);
  if (device === undefined) return refuse(401, 'Error=AUTHENTICATION_FAILED');
  const request = parseRegistration(body, device.androidId);
  // With either error `subscribe()` rejects at once; most others Chromium tries again for minutes (measured, 156).
  if (!request.ok) return refuse(400, `Error=${request.error}`);
  return { status: 200, type: 'text/plain', body: register(device.uaid, request.value, options) };
}

function authenticate(
  authorization: string | undefined,
  { store }: GcmHttpOptions,
): { readonly androidId: string; readonly uaid: Uaid } | undefined {
  const [, androidId, securityToken] = /^AidLogin ([0-9]+):([0-9]+)$/.exec(authorization ?? '') ?? [];
  const credentials = parseGcmCredentials(androidId, securityToken);
  if (!credentials.ok) return undefined;
  const uaid = store.gcm.findDevice(credentials.value);
  return uaid === undefined ? undefined : { androidId: credentials.value.androidId, uaid };
}

function refuse(status: number, body: string): Answer {
  return { status, type: 'text/plain', body };
}

function write(response: ServerResponse, result: Answer | undefined): void {
  if (result === undefined) return;
  response.writeHead(result.status, { 'content-type': result.type });
  response.end(result.body);
}
