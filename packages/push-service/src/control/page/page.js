// @ts-check

/** @import { ArrivedPush, SubscriptionInfo } from '../push-service-control.ts' */

import { coalesced } from './coalesced.js';
import { api } from './control-api.js';
import { byId } from './element.js';
import { initFaultForm, showFaults, showFaultTargets } from './fault-panel.js';
import { pushDetail } from './push-detail.js';
import { pushList } from './push-list.js';
import { initCreated, showCreated, showSubscriptions } from './subscription-panel.js';

/** @type {readonly SubscriptionInfo[]} */
let subscriptions = [];

const detail = pushDetail({ resend, expire });
const list = pushList({
  onSelect: (push) =>
    detail.show(
      push,
      subscriptions.find(({ id }) => id === push.subscription),
    ),
  onClear: detail.hide,
});

/** Reads what no event tells of. */
const refresh = coalesced(async () => {
  const [service, faults] = await Promise.all([api.service(), api.faults()]);
  subscriptions = await api.subscriptions();
  byId('origin', HTMLSpanElement).textContent = `endpoints at ${service.endpointOrigin}`;
  byId('persona', HTMLSelectElement).value = service.persona;
  showSubscriptions(subscriptions, { expire });
  showFaultTargets(subscriptions);
  showFaults(faults, { remove: (id) => act(() => api.removeFault(id)) });
  list.refresh();
});

/**
 * Does something, and shows what it changed, or why it could not be done.
 *
 * @param {() => Promise<void>} what
 */
function act(what) {
  what()
    .then(refresh)
    .then(() => showProblem(undefined), showProblem);
}

/** @param {unknown} error */
function showProblem(error) {
  byId('problem', HTMLParagraphElement).textContent = error instanceof Error ? error.message : '';
}

/** @param {SubscriptionInfo} subscription */
function expire({ id }) {
  act(() => api.expire(id));
}

/** @param {ArrivedPush} push */
function resend({ id }) {
  act(() => api.resend(id));
}

async function readPushes() {
  const pushes = await api.pushes();
  list.clear();
  for (const push of pushes.toReversed()) list.put(push);
}

function connect() {
  const live = byId('live', HTMLSpanElement);
  const events = new EventSource('/api/pushes/stream');
  /** What comes while the list is read is newer than it, and waits for it. */
  let listed = Promise.resolve();
  function showLive() {
    live.textContent = 'Live';
    live.className = 'on';
  }

  events.addEventListener('open', () => {
    listed = readPushes();
    listed.then(refresh).then(showLive, showProblem);
  });
  events.addEventListener('message', ({ data }) => {
    listed
      .then(() => list.put(JSON.parse(data)))
      .then(refresh)
      .catch(showProblem);
  });
  events.addEventListener('error', () => {
    live.textContent = 'Disconnected: trying again';
    live.className = 'off';
  });
}

byId('persona', HTMLSelectElement).addEventListener('change', () => {
  act(() => api.setPersona(byId('persona', HTMLSelectElement).value));
});
byId('persona-form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
byId('subscription-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const { value } = byId('subscription-persona', HTMLSelectElement);
  act(async () => showCreated(await api.subscribe({ persona: value === '' ? undefined : value })));
});
byId('clear', HTMLButtonElement).addEventListener('click', () => {
  act(async () => {
    await api.clear();
    list.clear();
  });
});
// Browsers subscribe and go without an event: a person who comes back from one sees it.
window.addEventListener('focus', () => void refresh().catch(showProblem));

initCreated();
initFaultForm({ add: (planned) => act(() => api.addFault(planned)) });
connect();
