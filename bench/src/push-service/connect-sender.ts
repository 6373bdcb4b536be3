import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import {
  branded,
  createPushRequest,
  createVapidToken,
  type Endpoint,
  encrypt,
  endpointOrigin,
  type Parsed,
  type PushRequest,
  type PushServiceOrigin,
  parseAuthSecret,
  parseEndpoint,
  parseP256dh,
  toSigningKey,
  type VapidKeys,
  vapidAuthorization,
} from '@belfry/protocol';
import type { PushSubscriptionJson } from '@belfry/testing';
import { writeNumbered } from './numbered-message.ts';
import type { ServiceAddress } from './service-process.ts';

export interface PrepareOptions {
  readonly pushService: ServiceAddress;
  readonly subscriptions: readonly PushSubscriptionJson[];
  readonly vapidKeys: VapidKeys;
  /** How many messages, to the subscriptions in turn. */
  readonly count: number;
}

/** Posts messages that were made in advance; the same ones again in each phase. */
export interface Sender {
  begin(): {
    readonly send: (sequence: number) => Promise<void>;
    readonly count: number;
    /** 1 for each message that was answered 201. */
    readonly accepted: Uint8Array;
  };
}

/** As an application server with several processes, or a library's pool, would have. */
const SESSIONS = 4;
const TTL_SECONDS = 60;
const TOKEN_LIFETIME_SECONDS = 12 * 3600;

export async function connectSender(options: PrepareOptions): Promise<Sender> {
  const { pushService, count } = options;
  const requests = pushRequests(options);
  const origin = requests[0]?.origin ?? pushService.endpointOrigin;
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => openSession(origin, pushService)));
  const sessionOf = (sequence: number): ClientHttp2Session | undefined => sessions[sequence % SESSIONS];
  return {
    begin() {
      const accepted = new Uint8Array(count);
      const send = async (sequence: number): Promise<void> => {
        const [session, request] = [sessionOf(sequence), requests[sequence]];
        if (session === undefined || request === undefined) throw new RangeError(`there is no message ${sequence}`);
        if ((await post(session, request)) === 201) accepted[sequence] = 1;
      };
      return { send, count, accepted };
    },
  };
}

function pushRequests({ subscriptions, vapidKeys, count }: PrepareOptions): PushRequest[] {
  const targets = subscriptions.map(({ endpoint, keys }) => ({
    endpoint: parsed(parseEndpoint(endpoint)),
    p256dh: parsed(parseP256dh(keys.p256dh)),
    auth: parsed(parseAuthSecret(keys.auth)),
  }));
  const authorizationFor = authorizer(vapidKeys);
  return Array.from({ length: count }, (_, sequence) => {
    const agent = sequence % targets.length;
    const target = targets[agent];
    if (target === undefined) throw new RangeError('there are no subscriptions');
    const { endpoint, ...keys } = target;
    const body = encrypt({ plaintext: writeNumbered({ agent, sequence }), ...keys });
    return createPushRequest({ endpoint, body, ttl: branded(TTL_SECONDS), authorization: authorizationFor(endpoint) });
  });
}

/** One token for each push service, as a server that caches its tokens sends. */
function authorizer(vapidKeys: VapidKeys): (endpoint: Endpoint) => string {
  const signingKey = toSigningKey(vapidKeys);
  const expiresAt = Date.now() / 1000 + TOKEN_LIFETIME_SECONDS;
  const cached = new Map<PushServiceOrigin, string>();
  return (endpoint) => {
    const audience = endpointOrigin(endpoint);
    const known = cached.get(audience);
    if (known !== undefined) return known;
    const token = createVapidToken({ audience, expiresAt, subject: branded('mailto:ops@example.com'), signingKey });
    const authorization = vapidAuthorization({ token, publicKey: vapidKeys.publicKey });
    cached.set(audience, authorization);
    return authorization;
  };
}

async function openSession(origin: string, pushService: PrepareOptions['pushService']): Promise<ClientHttp2Session> {
  const { address, certificateAuthority } = pushService;
  // Chromium's endpoints have an origin of Google's: reached at the local address, under their own name.
  const servername = new URL(origin).hostname;
  const session = connect(origin, { ...address, servername, ca: certificateAuthority });
  await once(session, 'connect');
  return session;
}

/** @returns the status; 0 where there was no answer */
function post(session: ClientHttp2Session, { path, headers, body }: PushRequest): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let status = 0;
  const stream = session.request({ ...headers, ':method': 'POST', ':path': path });
  stream.on('response', (answer) => {
    status = answer[':status'] ?? 0;
  });
  stream.on('error', () => {});
  stream.on('close', () => resolve(status));
  stream.resume();
  stream.end(body);
  return promise;
}

function parsed<Value, ErrorId extends string>(result: Parsed<Value, ErrorId>): Value {
  if (!result.ok) throw new TypeError(`A scripted agent's subscription is not one: ${result.error}`);
  return result.value;
}
