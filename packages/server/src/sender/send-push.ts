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
import type { VapidAuthorizer } from '../vapid/vapid-authorizer.ts';

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
  const { transport } = effects;
  const answer = transport.refusal(origin, options) ?? (await transport.send(await toSend(), signal, options));
  const outcome = classifyAnswer(answer, { service, now: effects.clock.now() });
  if (outcome.kind === 'misconfigured') effects.authorizer.refused(origin, outcome.clockSkewMs);
  return { outcome, warnings: checked.warnings, plaintextBytes };

  /** Without a connection it is encrypted when it has one: to encrypt costs more than all the rest of what waits in vain. */
  function toSend(): Promise<PushRequest> | UnpreparedRequest {
    return (transport.isConnected?.(origin) ?? true) ? prepare() : { origin, prepare };
  }

  async function prepare(): Promise<PushRequest> {
    const { headers, ...request } = createPushRequest({
      endpoint,
      body: await effects.encrypt({ plaintext, p256dh, auth, paddingBytes }, options),
      ttl,
      ...(urgency === undefined ? {} : { urgency }),
      ...(topic === undefined ? {} : { topic }),
      authorization: effects.authorizer.authorize(origin, keys),
    });
    return { ...request, headers: { ...headers, ...added } };
  }
}
