import * as v from 'valibot';
import { describeIssue } from '../message/describe-issue.ts';
import type { Target } from '../message/target.ts';
import type { FcmPayload } from './message.ts';
import { MessagingError } from './messaging-error.ts';

/** The arguments of `notify`, which checks what is still unknown of them. */
export interface NotifyCall {
  readonly target: Target;
  readonly message: object;
  readonly options: object;
}

const text = v.optional(v.string());
const texts = v.optional(v.record(v.string(), v.string()));
const ignored = v.optional(v.unknown());

const schema = v.strictObject({
  token: text,
  topic: text,
  condition: text,
  data: texts,
  notification: v.optional(v.strictObject({ title: text, body: text, imageUrl: text })),
  webpush: v.optional(
    v.strictObject({
      headers: texts,
      data: texts,
      notification: v.optional(v.looseObject({ actions: v.optional(v.array(v.looseObject({}))) })),
      fcmOptions: v.optional(v.looseObject({ link: text })),
    }),
  ),
  android: ignored,
  apns: ignored,
  fcmOptions: ignored,
});

type CheckedMessage = v.InferOutput<typeof schema>;

/**
 * A message of Firebase's as Belfry has it.
 *
 * @throws {MessagingError} `messaging/invalid-argument`, naming the field
 */
export function toNotify(input: unknown): NotifyCall {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (!result.success) throw invalid(`The message is not well formed: ${describeIssue(result.issues[0])}`);
  const { data: common, webpush } = result.output;
  const target = targetOf(result.output);
  const data = webpush?.data ?? common;
  const from = 'topic' in target ? `/topics/${target.topic}` : 'belfry';
  const payload: FcmPayload = { from, ...(data !== undefined && { data }) };
  return {
    target,
    message: { type: 'fcm', payload, notification: notificationOf(result.output) },
    options: optionsOf(webpush?.headers ?? {}),
  };
}

/** `news` of `/topics/news`. */
export function topicNameOf(topic: string): string {
  return topic.replace(/^\/topics\//, '');
}

function targetOf({
  token,
  topic,
  condition,
}: CheckedMessage): { device: string } | { topic: string } | { condition: string } {
  if ([token, topic, condition].filter((one) => one !== undefined).length === 1) {
    if (token !== undefined) return { device: token };
    if (topic !== undefined) return { topic: topicNameOf(topic) };
    if (condition !== undefined) return { condition };
  }
  throw invalid('A message has one of token, topic and condition');
}

/** What it does not name passes as it is. */
function notificationOf({ notification, webpush }: CheckedMessage): object | undefined {
  if (notification === undefined && webpush?.notification === undefined) return undefined;
  const { title, body, imageUrl } = notification ?? {};
  const { actions, vibrate, ...own } = { ...webpush?.notification };
  return {
    url: webpush?.fcmOptions?.link,
    ...own,
    title: own['title'] ?? title,
    body: own['body'] ?? body,
    image: own['image'] ?? imageUrl,
    vibrate: typeof vibrate === 'number' ? [vibrate] : vibrate,
    actions: actions?.map(({ icon, ...action }) => action),
  };
}

function optionsOf(headers: Readonly<Record<string, string>>): object {
  const { ttl, urgency, topic } = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { ttl: /^\d+$/.test(ttl ?? '') ? Number(ttl) : ttl, urgency, collapseKey: topic };
}

export function invalid(message: string): MessagingError {
  return new MessagingError('messaging/invalid-argument', message);
}
