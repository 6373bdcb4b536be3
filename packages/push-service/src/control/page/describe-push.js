// @ts-check

/** @import { PushState } from '../../journal/push-journal.ts' */
/** @import { ArrivedPush, SubscriptionInfo } from '../push-service-control.ts' */

/** @satisfies {Readonly<Record<PushState, string>>} */
export const STATE_MEANS = {
  refused: 'It was answered with an error.',
  failed: 'It had no whole answer: its sender went away, or a fault cut it off.',
  waiting: 'It was accepted, and waits for its user agent.',
  delivered: 'It arrived: its user agent has it.',
  missed: 'It was now or never (TTL 0), and its user agent was not connected.',
  dropped: 'It was accepted, and then dropped by a fault.',
  replaced: 'A later push of its Topic took its place.',
  deleted: 'Its sender deleted it.',
  expired: 'Its TTL passed before its user agent came.',
  unsubscribed: 'Its subscription ended before it was delivered.',
};

/** @type {Readonly<Record<SubscriptionInfo['userAgent'], string>>} */
export const USER_AGENTS = { autopush: 'Firefox', chromium: 'Chromium', scripted: 'Test' };

/**
 * What a notification of it would be titled, else its text.
 *
 * @param {ArrivedPush} push
 */
export function titleOf({ json, text, bodyBytes, state }) {
  const message = fieldOf(json, 'notification') ?? json;
  const title = fieldOf(message, 'title');
  if (typeof title === 'string' && title !== '') return title;
  if (text !== undefined && text !== '') return text.slice(0, 200);
  if (bodyBytes === undefined) return state === 'refused' ? 'Refused unread' : 'Not read';
  return bodyBytes === 0 || text === '' ? 'No message' : 'Encrypted message';
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {unknown}
 */
function fieldOf(value, name) {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * Why there is no text to show.
 *
 * @param {ArrivedPush} push
 * @param {SubscriptionInfo | undefined} subscription
 */
export function whyUnreadable({ bodyBytes }, subscription) {
  if (bodyBytes === undefined) return 'Its answer was decided before its body was read.';
  if (bodyBytes === 0) return 'It came without a body.';
  return subscription?.userAgent === 'scripted'
    ? 'It does not decrypt with the keys of its subscription.'
    : 'It cannot be read here: only the browser that subscribed has the keys.';
}

/** @param {number | undefined} bytes */
export function sizeText(bytes) {
  return bytes === undefined ? '' : `${bytes.toLocaleString('en')} bytes`;
}

/** @param {number} at ms since 1970 */
export function timeText(at) {
  return new Date(at).toLocaleTimeString('en-GB');
}
