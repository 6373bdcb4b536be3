// @ts-check

/** @import { Fault } from '../../faults/fault.ts' */
/** @import { PlannedFaultJson } from '../fault-routes.ts' */
/** @import { SubscriptionInfo } from '../push-service-control.ts' */

import { byId, element, replaceContent } from './element.js';

/**
 * @typedef FaultChoice
 * @property {string} label
 * @property {{ label: string, example: number }} [number] where it has one
 * @property {(number: number) => Fault} make
 */

/** @type {Readonly<Record<Fault['type'], FaultChoice>>} */
const FAULTS = {
  status: {
    label: 'Answer with a status',
    number: { label: 'Status', example: 503 },
    make: (status) => ({ type: 'status', status }),
  },
  throttle: {
    label: 'Say “too many pushes”',
    number: { label: 'Retry-After, s', example: 30 },
    make: (retryAfterSeconds) => ({ type: 'throttle', retryAfterSeconds }),
  },
  delay: {
    label: 'Answer late',
    number: { label: 'Delay, ms', example: 3000 },
    make: (delayMs) => ({ type: 'delay', delayMs }),
  },
  'slow-read': {
    label: 'Read slowly',
    number: { label: 'Bytes per s', example: 100 },
    make: (bytesPerSecond) => ({ type: 'slow-read', bytesPerSecond }),
  },
  drop: { label: 'Accept, never deliver', make: () => ({ type: 'drop' }) },
  'no-answer': { label: 'Never answer', make: () => ({ type: 'no-answer' }) },
  reset: { label: 'Reset in mid-body', make: () => ({ type: 'reset' }) },
  goaway: { label: 'End the connection (GOAWAY)', make: () => ({ type: 'goaway' }) },
  expire: { label: 'End the subscription (410)', make: () => ({ type: 'expire' }) },
  rotate: { label: 'Forget the browser (410)', make: () => ({ type: 'rotate' }) },
};

const CHOICES = new Map(Object.entries(FAULTS));

/** @param {{ add: (planned: { fault: Fault, times: number | 'always', subscription?: number | undefined }) => void }} options */
export function initFaultForm({ add }) {
  const type = byId('fault-type', HTMLSelectElement);
  const number = byId('fault-number', HTMLInputElement);
  type.append(...Array.from(CHOICES, ([value, { label }]) => element('option', { value, textContent: label })));

  function showNumber() {
    const wanted = CHOICES.get(type.value)?.number;
    byId('fault-number-field', HTMLDivElement).hidden = wanted === undefined;
    byId('fault-number-label', HTMLLabelElement).textContent = wanted?.label ?? '';
    number.required = wanted !== undefined;
    number.value = wanted === undefined ? '' : String(wanted.example);
  }
  type.addEventListener('change', showNumber);
  showNumber();

  byId('fault-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const fault = CHOICES.get(type.value)?.make(number.valueAsNumber);
    const times = byId('fault-times', HTMLInputElement);
    const { value } = byId('fault-subscription', HTMLSelectElement);
    if (fault === undefined) return;
    add({
      fault,
      times: times.value === '' ? 'always' : times.valueAsNumber,
      subscription: value === '' ? undefined : Number(value),
    });
  });
}

/**
 * Whom a fault may be for; what was chosen stays.
 *
 * @param {readonly SubscriptionInfo[]} subscriptions
 */
export function showFaultTargets(subscriptions) {
  const select = byId('fault-subscription', HTMLSelectElement);
  const { value: chosen } = select;
  const ids = ['', ...subscriptions.filter(({ isLive }) => isLive).map(({ id }) => String(id))];
  // It may be open.
  if (ids.join() === Array.from(select.options, ({ value }) => value).join()) return;
  select.replaceChildren(
    ...ids.map((value) =>
      element('option', { value, textContent: value === '' ? 'every subscription' : `subscription ${value}` }),
    ),
  );
  select.value = chosen;
  // It may have ended.
  if (select.selectedIndex === -1) select.value = '';
}

/**
 * @param {readonly PlannedFaultJson[]} faults
 * @param {{ remove: (id: number) => void }} options
 */
export function showFaults(faults, { remove }) {
  byId('no-faults', HTMLParagraphElement).hidden = faults.length > 0;
  replaceContent(
    byId('faults', HTMLUListElement),
    faults.map(({ id, fault, subscription, origin, skip, times }) => {
      const { type, ...details } = fault;
      const name = [type, ...Object.values(details)].join(' ');
      const about = [
        subscription === undefined ? (origin ?? 'every subscription') : `subscription ${subscription}`,
        skip > 0 ? `after ${skip}` : '',
        times === 'always' ? 'always' : `${times} ×`,
      ];
      const button = element('button', { id: `remove-${id}`, className: 'quiet', textContent: 'Remove' });
      button.ariaLabel = `Remove the fault ${name}`;
      button.addEventListener('click', () => remove(id));
      return element('li', { id: `fault-${id}` }, [
        element('span', { className: 'name', textContent: name }),
        button,
        element('span', { className: 'hint', textContent: about.filter((part) => part !== '').join(' · ') }),
      ]);
    }),
  );
}
