import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Clock } from '../clock.ts';
import { ConnectedAgents, type Delivery } from '../connected-agents.ts';
import { cutOff } from '../faults/cut-off.ts';
import type { Fault } from '../faults/fault.ts';
import type { FaultScript } from '../faults/fault-script.ts';
import { pause } from '../faults/pause.ts';
import type { EndpointToken } from '../identifiers.ts';
import type { JournalEntry, PushJournal } from '../journal/push-journal.ts';
import { visibleHeaders } from '../journal/visible-headers.ts';
import { RETRY_AFTER_SECONDS } from '../limits.ts';
import type { PersonaChoice } from '../personas/persona-choice.ts';
import type { RefusedPush, WrittenAnswer } from '../personas/persona.ts';
import { acceptPush, checkPush, type PushContext } from './accept-push.ts';
import { readBody } from './read-body.ts';
import { refusalOf } from './refusal.ts';
import { messageUrl, receiptsUrl } from './resource.ts';

export interface ReceivePushOptions extends Omit<PushContext, 'now' | 'origin' | 'persona'> {
  readonly clock: Clock;
  readonly personas: PersonaChoice;
  readonly faults: FaultScript;
  readonly journal: PushJournal;
}

/** A POST to a subscription. */
export interface PushExchange {
  readonly token: EndpointToken;
  readonly origin: string;
  readonly request: Http2ServerRequest;
  readonly response: Http2ServerResponse;
}

/** What came of a push: its answer, if it is to have one, and what the journal says of it. */
interface Outcome extends Partial<Omit<JournalEntry, 'state' | 'answer'>> {
  readonly state: JournalEntry['state'];
  readonly answer?: WrittenAnswer;
  /** What the answer waits for. */
  readonly kept?: Promise<void>;
}

/** Takes a push, or lets go wrong with it what the script says. */
export async function receivePush(
  exchange: PushExchange,
  options: ReceivePushOptions,
): Promise<WrittenAnswer | undefined> {
  const { token, origin, request } = exchange;
  const fault = options.faults.take(exchange);
  const context: PushContext = {
    ...options,
    origin,
    persona: options.personas.of(origin, token),
    now: options.clock.now(),
  };
  const { answer, kept, ...outcome } = await outcomeOf(exchange, { fault, context, clock: options.clock });
  const id = options.journal.add({
    at: context.now,
    origin,
    token,
    persona: context.persona.name,
    headers: visibleHeaders(request.headers),
    claims: undefined,
    body: undefined,
    ttlSeconds: undefined,
    messageId: undefined,
    resendOf: undefined,
    fault: fault?.type,
    ...outcome,
    status: answer?.status,
    answer: answer?.body,
  });
  try {
    await kept;
  } catch (error) {
    options.journal.fail(id, context.persona.refused({ refusal: refusalOf(error) }).status);
    throw error;
  }
  return answer;
}

interface Circumstances {
  readonly fault: Fault | undefined;
  readonly context: PushContext;
  readonly clock: Clock;
}

async function outcomeOf(exchange: PushExchange, circumstances: Circumstances): Promise<Outcome> {
  const { fault, context, clock } = circumstances;
  const { request, response, token } = exchange;
  switch (fault?.type) {
    case undefined:
    case 'drop':
    case 'slow-read':
      return take(exchange, circumstances);
    case 'delay':
      return (await pause(clock, { delayMs: fault.delayMs, response }))
        ? take(exchange, { ...circumstances, context: { ...context, now: clock.now() } })
        : { state: 'failed' };
    case 'status': {
      const { status, body, retryAfterSeconds } = fault;
      const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      return unread(exchange, { status, headers, body });
    }
    case 'throttle': {
      const { retryAfterSeconds = RETRY_AFTER_SECONDS } = fault;
      return unread(exchange, context.persona.refused({ refusal: 'too-many-pushes', retryAfterSeconds }));
    }
    case 'no-answer':
      request.resume();
      return { state: 'failed' };
    case 'reset':
    case 'goaway':
      await cutOff(request, fault.type);
      return { state: 'failed' };
    case 'expire':
      context.store.expire(token);
      return take(exchange, circumstances);
    case 'rotate': {
      const uaid = context.store.expireAgentOf(token);
      if (uaid !== undefined) context.agents.disconnect(uaid);
      return take(exchange, circumstances);
    }
  }
}

/** An answer that was decided before the body; which is let go, because a client that still writes may not read. */
function unread({ request }: PushExchange, answer: WrittenAnswer): Outcome {
  request.resume();
  return { answer, state: 'refused' };
}

/** What a push comes to that nothing, or little, goes wrong with. */
async function take(exchange: PushExchange, { fault, context, clock }: Circumstances): Promise<Outcome> {
  const { token, request, response } = exchange;
  const { persona, origin } = context;
  const check = await checkPush(token, request.headers, context);
  if (check.type === 'refused') return refuse(check);
  if (check.type === 'refused-by-persona') return unread(exchange, check.answer);
  const { claims, ttlSeconds } = check.push;
  const known = { claims, ttlSeconds };
  const body = await readBody(request, {
    maxBytes: persona.maxBodyBytes,
    afterChunk: async (bytes) => {
      if (fault?.type === 'slow-read') await pause(clock, { delayMs: (bytes * 1000) / fault.bytesPerSecond, response });
    },
  });
  if (body === 'too-large') return { ...refuse({ refusal: 'body-too-large' }), ...known };
  if (body === 'aborted') return { state: 'failed', ...known };
  const isDropped = fault?.type === 'drop';
  const outcome = acceptPush(check.push, body, isDropped ? { ...context, agents: new ConnectedAgents() } : context);
  if (outcome.type === 'refused') return { ...refuse(outcome), ...known, body };
  const { messageId, receipts } = outcome;
  if (isDropped) context.store.removeMessage(messageId, context.now);
  const answer = persona.accepted({
    messageId,
    location: messageUrl(origin, messageId),
    ttlSeconds,
    receipts: receipts === undefined ? undefined : receiptsUrl(origin, receipts),
  });
  const state = isDropped ? 'dropped' : stateAfter(outcome.delivery, { isKept: ttlSeconds > 0 });
  return { answer, kept: outcome.kept, ...known, body, messageId, state };

  function refuse(refused: RefusedPush): Outcome {
    return { answer: persona.refused(refused), state: 'refused' };
  }
}

function stateAfter(delivery: Delivery, { isKept }: { readonly isKept: boolean }): JournalEntry['state'] {
  switch (delivery) {
    case 'acknowledged':
      return 'delivered';
    case 'handed-over':
      return isKept ? 'waiting' : 'delivered';
    case 'not-connected':
      return isKept ? 'waiting' : 'missed';
  }
}
