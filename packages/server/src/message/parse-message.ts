import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import { checkWeight } from './check-weight.ts';
import { describeIssue } from './describe-issue.ts';
import type { DefaultNotification, FlatMessage, FullMessage, Json, MessageNotification } from './message.ts';
import { printable } from './printable-text.ts';

const text = (maxChars: number) => v.pipe(v.string(), v.maxLength(maxChars));
const name = (maxChars: number) => v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(maxChars));
const url = name(2048);

// What a worker reports of a click holds it.
const buttonName = v.pipe(text(64), printable);

const json = v.custom<Json>((value) => isJson(value, MAX_JSON_DEPTH), 'must be JSON, nested 64 levels at most');

const defaultEntries = {
  title: name(1000),
  body: v.optional(text(4000)),
  url: v.optional(url),
  icon: v.optional(url),
};

const flatEntries = { ...defaultEntries, tag: v.optional(text(256)) };

const notification: v.GenericSchema<MessageNotification> = v.strictObject({
  ...flatEntries,
  image: v.optional(url),
  badge: v.optional(url),
  lang: v.optional(text(64)),
  dir: v.optional(v.picklist(['auto', 'ltr', 'rtl'])),
  actions: v.optional(
    v.pipe(v.array(v.strictObject({ action: buttonName, title: name(1000), url: v.optional(url) })), v.maxLength(8)),
  ),
  requireInteraction: v.optional(v.boolean()),
  silent: v.optional(v.boolean()),
  renotify: v.optional(v.boolean()),
  vibrate: v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0)))),
  timestamp: v.optional(v.pipe(v.number(), v.integer())),
  data: v.optional(json),
});

const fullMessage: v.GenericSchema<FullMessage> = v.strictObject({
  type: v.optional(name(128)),
  payload: v.optional(json),
  category: v.optional(name(64)),
  notification: v.optional(notification),
  badgeCount: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

const flatMessage: v.GenericSchema<FlatMessage> = v.strictObject(flatEntries);

const defaultNotification: v.GenericSchema<DefaultNotification> = v.strictObject(defaultEntries);

/** Deeper values would overflow the stack of whoever reads them, ours first. */
const MAX_JSON_DEPTH = 64;

function isJson(value: unknown, depth: number): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  // A Map or a Date would be written as something else than what was meant.
  if (!Array.isArray(value) && ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false;
  return Object.values(value).every((one) => isJson(one, depth - 1));
}

/**
 * A message in its full form, whichever form it came in. Unknown fields are refused: a misspelt one would be lost
 * without a word.
 *
 * @throws {BelfryError} `invalid-message`, naming the field; `message-too-large` for one that is far too large to be read
 */
export function parseMessage(input: unknown): FullMessage {
  checkWeight(input);
  const isFlat = typeof input === 'object' && input !== null && 'title' in input;
  const message: FullMessage = isFlat ? { notification: checked(flatMessage, input) } : checked(fullMessage, input);
  if (message.notification === undefined && message.type === undefined && message.payload === undefined) {
    throw new BelfryError('invalid-message', 'A message needs a notification, or a type or payload');
  }
  return message;
}

/** @throws {BelfryError} `invalid-message`, naming the field */
export function parseDefaultNotification(input: unknown): DefaultNotification {
  return checked(defaultNotification, input);
}

function checked<Output>(schema: v.GenericSchema<Output>, input: unknown): Output {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  throw new BelfryError('invalid-message', `The message is not well formed: ${describeIssue(result.issues[0])}`);
}
