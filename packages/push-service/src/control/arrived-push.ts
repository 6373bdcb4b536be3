import type { JournalEntry } from '../journal/push-journal.ts';
import type { ScriptedSubscriptions } from '../scripted/scripted-subscriptions.ts';
import type { SubscriptionList } from '../store/subscription-list.ts';
import type { ArrivedPush } from './push-service-control.ts';

export interface ArrivedPushContext {
  readonly subscriptions: SubscriptionList;
  readonly scripted: ScriptedSubscriptions;
}

/** What may be seen of a push; its text is decrypted when it is looked at, for most never are. */
export function arrivedPush(entry: JournalEntry, { subscriptions, scripted }: ArrivedPushContext): ArrivedPush {
  const { id, at, origin, persona, headers, claims, token, body, ttlSeconds, status, answer, fault, state, resendOf } =
    entry;
  const plaintext = body === undefined ? undefined : scripted.plaintext(token, body);
  const text = plaintext === undefined ? undefined : new TextDecoder().decode(plaintext);
  return {
    id,
    at,
    subscription: subscriptions.idOf(token),
    origin,
    persona,
    headers,
    vapid: claims === undefined ? undefined : { aud: claims.aud, exp: claims.exp, sub: claims.sub },
    ttlSeconds,
    bodyBytes: body?.length,
    text,
    json: parseJson(text),
    status,
    answer,
    fault,
    state,
    resendOf,
  };
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
