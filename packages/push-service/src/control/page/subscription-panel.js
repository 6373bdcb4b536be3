// @ts-check

/** @import { ScriptedSubscriptionJson, SubscriptionInfo } from '../push-service-control.ts' */

import { USER_AGENTS } from './describe-push.js';
import { byId, element, replaceContent } from './element.js';

/**
 * @param {readonly SubscriptionInfo[]} subscriptions
 * @param {{ expire: (subscription: SubscriptionInfo) => void }} options
 */
export function showSubscriptions(subscriptions, { expire }) {
  byId('no-subscriptions', HTMLParagraphElement).hidden = subscriptions.length > 0;
  replaceContent(
    byId('subscriptions', HTMLUListElement),
    subscriptions.map((subscription) => {
      const { id, userAgent, site, persona, isLive, isConnected, waiting } = subscription;
      const presence = isLive ? (isConnected ? 'connected' : 'away') : 'ended';
      const about = [site ?? '', persona, presence, waiting > 0 ? `${waiting} waiting` : ''];
      const button = element('button', { id: `expire-${id}`, className: 'quiet', textContent: 'Expire' });
      button.hidden = !isLive;
      button.ariaLabel = `Expire subscription ${id}`;
      button.addEventListener('click', () => expire(subscription));
      return element('li', { id: `subscription-${id}`, className: presence }, [
        element('span', { className: 'dot' }),
        element('span', { className: 'name', textContent: `${id} · ${USER_AGENTS[userAgent]}` }),
        button,
        element('span', { className: 'hint', textContent: about.filter((part) => part !== '').join(' · ') }),
      ]);
    }),
  );
}

/**
 * Shows a new subscription, this once, and how to send to it.
 *
 * @param {ScriptedSubscriptionJson} subscription
 */
export function showCreated({ id, ...json }) {
  const { origin, hostname } = new URL(json.endpoint);
  const isLocal = hostname === 'localhost';
  byId('created-title', HTMLHeadingElement).textContent = `Test subscription ${id}`;
  byId('created-json', HTMLPreElement).textContent = JSON.stringify(json, null, 2);
  byId('created-how', HTMLParagraphElement).textContent = isLocal
    ? 'Have your server store it as a subscription of yours, or send a first push from a shell:'
    : `Its endpoint has the origin of the public service, so your server must be told to find ${origin} here.`;
  byId('copy-command', HTMLButtonElement).hidden = !isLocal;
  byId('created-command', HTMLPreElement).hidden = !isLocal;
  byId('created-command', HTMLPreElement).textContent = sendCommand(json);
  byId('created', HTMLDialogElement).showModal();
}

/** @param {Omit<ScriptedSubscriptionJson, 'id'>} subscription */
function sendCommand({ endpoint, keys }) {
  return [
    `curl -sO ${location.origin}/certificate-authority.pem`,
    'NODE_EXTRA_CA_CERTS=certificate-authority.pem npx web-push send-notification \\',
    `  --endpoint='${endpoint}' \\`,
    `  --key='${keys.p256dh}' \\`,
    `  --auth='${keys.auth}' --ttl=60 --payload='{"title":"Hello"}'`,
  ].join('\n');
}

/** Sets up the dialog's buttons. */
export function initCreated() {
  byId('created-done', HTMLButtonElement).addEventListener('click', () => byId('created', HTMLDialogElement).close());
  for (const name of ['json', 'command']) {
    const button = byId(`copy-${name}`, HTMLButtonElement);
    const label = button.textContent;
    button.addEventListener('click', () => {
      navigator.clipboard.writeText(byId(`created-${name}`, HTMLPreElement).textContent).then(
        () => (button.textContent = 'Copied'),
        () => (button.textContent = 'Not allowed'),
      );
    });
    byId('created', HTMLDialogElement).addEventListener('close', () => (button.textContent = label));
  }
}
