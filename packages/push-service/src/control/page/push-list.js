// @ts-check

/** @import { ArrivedPush } from '../push-service-control.ts' */

import { LISTED_PUSHES } from './control-api.js';
import { STATE_MEANS, sizeText, timeText, titleOf } from './describe-push.js';
import { byId, element } from './element.js';

/**
 * The pushes, the latest first. Each is a button; the arrow keys go from one to the next.
 *
 * @param {object} options
 * @param {(push: ArrivedPush) => void} options.onSelect called again when the selected one changes
 * @param {() => void} options.onClear
 */
export function pushList({ onSelect, onClear }) {
  const list = byId('pushes', HTMLOListElement);
  /** @type {Map<number, { button: HTMLButtonElement, push: ArrivedPush }>} */
  const rows = new Map();
  /** @type {number | undefined} */
  let selected;
  let newest = 0;

  list.addEventListener('keydown', (event) => {
    const item = document.activeElement?.closest('#pushes > li');
    const next = event.key === 'ArrowDown' ? item?.nextElementSibling : item?.previousElementSibling;
    if (!(event.key === 'ArrowDown' || event.key === 'ArrowUp') || !next) return;
    event.preventDefault();
    next.querySelector('button')?.focus();
  });

  function showCount() {
    byId('count', HTMLSpanElement).textContent = rows.size === 0 ? '' : String(rows.size);
    byId('empty', HTMLDivElement).hidden = rows.size > 0;
    byId('clear', HTMLButtonElement).hidden = rows.size === 0;
  }

  function dropOldest() {
    const [oldest] = rows.size > LISTED_PUSHES ? rows.keys() : [];
    if (oldest === undefined) return;
    rows.delete(oldest);
    list.lastElementChild?.remove();
  }

  /** @param {number} id */
  function select(id) {
    selected = id;
    for (const [other, { button, push }] of rows) {
      button.ariaCurrent = other === id ? 'true' : null;
      if (other === id) onSelect(push);
    }
  }

  return {
    /** @param {ArrivedPush} push new, or changed */
    put(push) {
      const known = rows.get(push.id);
      // It changed, but is no longer listed.
      if (known === undefined && push.id <= newest) return;
      const button = known?.button ?? element('button', { id: `push-${push.id}`, className: 'push' });
      button.replaceChildren(...rowContent(push));
      rows.set(push.id, { button, push });
      if (known === undefined) {
        button.addEventListener('click', () => select(push.id));
        list.prepend(element('li', {}, [button]));
        newest = push.id;
        dropOldest();
        showCount();
      } else if (selected === push.id) onSelect(push);
    },
    clear() {
      rows.clear();
      list.replaceChildren();
      selected = undefined;
      newest = 0;
      showCount();
      onClear();
    },
    /** Shows the selected one again, for what it says of its subscription. */
    refresh() {
      if (selected !== undefined && rows.has(selected)) select(selected);
    },
  };
}

/**
 * @param {ArrivedPush} push
 * @returns {(HTMLElement | string)[]}
 */
function rowContent(push) {
  const { subscription, persona, status, state, fault, resendOf } = push;
  const about = [
    `#${push.id}`,
    subscription === undefined ? 'no subscription' : `subscription ${subscription}`,
    persona,
    sizeText(push.bodyBytes),
    resendOf === undefined ? '' : `#${resendOf} again`,
    fault === undefined ? '' : `fault: ${fault}`,
  ];
  return [
    element('span', { className: 'push-title', textContent: titleOf(push), dir: 'auto' }),
    element('span', { className: 'push-time', textContent: timeText(push.at) }),
    element('span', { className: 'push-about', textContent: about.filter((part) => part !== '').join(' · ') }),
    element('span', { className: 'push-end' }, [
      ...(status === undefined ? [] : [element('span', { className: 'status', textContent: String(status) }), ' ']),
      stateBadge(state),
    ]),
  ];
}

/** @param {ArrivedPush['state']} state */
export function stateBadge(state) {
  return element('span', { className: `state state-${state}`, textContent: state, title: STATE_MEANS[state] });
}
