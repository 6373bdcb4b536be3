import {
  type AuthSecret,
  createPushRequest,
  type Endpoint,
  endpointOrigin,
  type P256dh,
  type PushRequest,
  paddingBytesFor,
  preflight,
  type PreflightWarning,
  pushServiceOf,
  type Topic,
  type Ttl,
  type Urgency,
  type VapidKeys,
} from '@belfry/protocol';
import { type AnswerClass, classifyAnswer } from '../delivery/classify-answer.ts';
import type { Clock } from '../effects.ts';
import type { EncryptMessage } from '../encryption/gather-jobs.ts';
import type { PushTransport, SendOptions, UnpreparedRequest } from '../transport/push-transport.ts';
import type { VapidAuthorizer, VapidToken } from '../vapid/vapid-authorizer.ts';

export interface SendPushEffects {
  readonly clock: Clock;
  readonly encrypt: EncryptMessage;
  readonly authorizer: VapidAuthorizer;
  readonly transport: PushTransport;
}

/** A message for one subscription, ready to be encrypted. */
export interface OutgoingPush {
  readonly endpoint: Endpoint;
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
  readonly plaintext: Uint8Array;
  readonly ttl: Ttl;
  readonly urgency?: Urgency | undefined;
  readonly topic?: Topic | undefined;
  /** Those that the subscription was made with. */
  readonly keys: VapidKeys;
  /** See `BelfryOptions.padToBytes`. */
  readonly padToBytes: number;
}

export interface SentPush {
  readonly outcome: AnswerClass;
  readonly warnings: readonly PreflightWarning[];
  /** Padding included. */
  readonly plaintextBytes: number;
}

/** Stands for the application where `SendOptions.userId` says nothing: the store's numbers begin at 1. */
const OWN_USER_ID = 0;

/** Takes one message to its push service, once: checks it against the rules there, asks whether it may be sent now, encrypts, signs, posts, and reads the answer. */
export async function sendPush(
  push: OutgoingPush,
  effects: SendPushEffects,
  { signal, ...options }: SendOptions & { readonly signal: AbortSignal },
): Promise<SentPush> {
  const { endpoint, plaintext, padToBytes, p256dh, auth, urgency, topic, keys } = push;
  const service = pushServiceOf(endpoint);
  const paddingBytes = paddingBytesFor({ service, plaintextBytes: plaintext.length, padToBytes });
  const plaintextBytes = plaintext.length + paddingBytes;
  const checked = preflight({ service, plaintextBytes, ttl: push.ttl, topic });
  if (!checked.ok) {
    return {
      outcome: { kind: 'rejected', scope: 'device', status: 0, blames: 'message' },
      warnings: [],
      plaintextBytes,
    };
  }
  const { ttl, headers: added } = checked;
  const origin = endpointOrigin(endpoint);
  const { transport, authorizer } = effects;
  const { userId = OWN_USER_ID, hasAccepted: isProven = false } = options;
  const device = { origin, endpoint, userId, isProven };
  let token: VapidToken | undefined;
  const answer = transport.refusal(origin, options) ?? (await transport.send(await toSend(), signal, options));
  const outcome = judgeToken(classifyAnswer(answer, { service, now: effects.clock.now() }));
  return { outcome, warnings: checked.warnings, plaintextBytes };

  /** Tells the authorizer how the token was taken. If a refused token was made for the right time, the device or its key is to blame. */
  function judgeToken(answered: AnswerClass): AnswerClass {
    if (token === undefined) return answered;
    const tokenSkewMs = token.skewMs;
    if (answered.kind === 'accepted') authorizer.accepted(device, tokenSkewMs);
    if (answered.kind !== 'misconfigured') return answered;
    const isForWrongTime = authorizer.refused(device, { tokenSkewMs, clockSkewMs: answered.clockSkewMs });
    return { ...answered, scope: isForWrongTime ? 'origin' : 'origin-and-key' };
  }

  /** Without a connection it is encrypted when it has one: to encrypt costs more than all the rest of what waits in vain. */
  function toSend(): Promise<PushRequest> | UnpreparedRequest {
    return (transport.isConnected?.(origin) ?? true) ? prepare() : { origin, prepare };
  }

  async function prepare(): Promise<PushRequest> {
    const body = await effects.encrypt({ plaintext, p256dh, auth, paddingBytes }, options);
    token = authorizer.authorize(device, keys);
    const { headers, ...request } = createPushRequest({
      endpoint,
      body,
      ttl,
      ...(urgency === undefined ? {} : { urgency }),
      ...(topic === undefined ? {} : { topic }),
      authorization: token.header,
    });
    return { ...request, headers: { ...headers, ...added } };
  }
}
