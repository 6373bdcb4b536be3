// @ts-check

/** @import { ArrivedPush, SubscriptionInfo } from '../push-service-control.ts' */

import { STATE_MEANS, sizeText, timeText, titleOf, USER_AGENTS, whyUnreadable } from './describe-push.js';
import { byId, element, replaceContent } from './element.js';
import { stateBadge } from './push-list.js';

/**
 * The pane with all that is known of a push.
 *
 * @param {{ resend: (push: ArrivedPush) => void, expire: (subscription: SubscriptionInfo) => void }} options
 */
export function pushDetail({ resend, expire }) {
  const pane = byId('push', HTMLDivElement);
  /** What is shown, to leave it alone where nothing changed: a person may have selected some of its text. */
  let shown = '';

  return {
    hide() {
      shown = '';
      pane.hidden = true;
      byId('nothing-selected', HTMLParagraphElement).hidden = false;
    },
    /**
     * @param {ArrivedPush} push
     * @param {SubscriptionInfo | undefined} subscription
     */
    show(push, subscription) {
      const now = JSON.stringify([push, subscription]);
      if (now === shown) return;
      shown = now;
      pane.hidden = false;
      byId('nothing-selected', HTMLParagraphElement).hidden = true;
      replaceContent(pane, content(push, subscription));
    },
  };

  /**
   * @param {ArrivedPush} push
   * @param {SubscriptionInfo | undefined} subscription
   */
  function content(push, subscription) {
    const resendButton = element('button', { id: 'resend', textContent: 'Resend' });
    resendButton.addEventListener('click', () => resend(push));
    const expireButton = element('button', { id: 'expire', textContent: 'Expire subscription' });
    expireButton.disabled = subscription?.isLive !== true;
    expireButton.addEventListener('click', () => subscription !== undefined && expire(subscription));
    return [
      element('div', { className: 'bar' }, [
        element('h2', { id: 'push-title', textContent: titleOf(push), dir: 'auto' }),
        resendButton,
        expireButton,
      ]),
      element('p', { className: 'outcome' }, [stateBadge(push.state), ` ${STATE_MEANS[push.state]}`]),
      facts(push, subscription),
      ...message(push, subscription),
      ...answer(push),
      element('h3', { textContent: 'Headers' }),
      definitions(Object.entries(push.headers), 'headers'),
    ];
  }
}

/**
 * @param {ArrivedPush} push
 * @param {SubscriptionInfo | undefined} subscription
 */
function facts(push, subscription) {
  const { status, ttlSeconds, vapid, fault, resendOf } = push;
  const whose = subscription === undefined ? '' : `, ${USER_AGENTS[subscription.userAgent]}`;
  const ended = subscription?.isLive === false ? ', ended' : '';
  return definitions(
    [
      ['Arrived', `${timeText(push.at)}, as #${push.id}`],
      ['Subscription', push.subscription === undefined ? 'none' : `${push.subscription}${whose}${ended}`],
      ['Origin', push.origin],
      ['Persona', push.persona],
      ['Answer', status === undefined ? 'none' : String(status)],
      ['TTL', ttlSeconds === undefined ? '' : `${ttlSeconds} s`],
      ['Size', sizeText(push.bodyBytes)],
      ['VAPID', vapid === undefined ? 'none that is good' : vapidText(vapid)],
      ['Fault', fault ?? ''],
      ['Resend of', resendOf === undefined ? '' : `#${resendOf}`],
    ],
    'facts',
  );
}

/** @param {NonNullable<ArrivedPush['vapid']>} claims */
function vapidText({ aud, sub, exp }) {
  const until = typeof exp === 'number' ? `, until ${new Date(exp * 1000).toLocaleString('en-GB')}` : '';
  return `${typeof sub === 'string' ? sub : 'no sub'}, for ${String(aud)}${until}`;
}

/**
 * @param {ArrivedPush} push
 * @param {SubscriptionInfo | undefined} subscription
 */
function message(push, subscription) {
  const { json, text } = push;
  const readable = json === undefined ? text : JSON.stringify(json, null, 2);
  return [
    element('h3', { textContent: 'Message' }),
    readable === undefined
      ? element('p', { className: 'hint', textContent: whyUnreadable(push, subscription) })
      : element('pre', { id: 'push-text', textContent: readable, tabIndex: 0 }),
  ];
}

/** @param {ArrivedPush} push */
function answer({ answer: body }) {
  if (body === undefined || body === '') return [];
  return [
    element('h3', { textContent: 'Answer' }),
    element('pre', { id: 'push-answer', textContent: body, tabIndex: 0 }),
  ];
}

/**
 * @param {readonly (readonly [string, string])[]} pairs those with an empty text are left out
 * @param {string} className
 */
function definitions(pairs, className) {
  const shown = pairs.filter(([, text]) => text !== '');
  return element(
    'dl',
    { className },
    shown.flatMap(([name, text]) => [element('dt', { textContent: name }), element('dd', { textContent: text })]),
  );
}
