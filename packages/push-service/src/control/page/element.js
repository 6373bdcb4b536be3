// @ts-check

/**
 * Makes an element. What comes from strangers is a property or a text of it, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} [properties] such as `{ className: 'hint', textContent: '…' }`
 * @param {readonly (Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/**
 * Replaces what an element holds. A control in it that has the focus keeps it, by its id: lists change while a person
 * works on them.
 *
 * @param {HTMLElement} parent
 * @param {readonly Node[]} children
 */
export function replaceContent(parent, children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement?.id : undefined;
  parent.replaceChildren(...children);
  if (focused) document.getElementById(focused)?.focus();
}

/**
 * An element of the page that is there from the start.
 *
 * @template {HTMLElement} Type
 * @param {string} id
 * @param {new () => Type} type
 * @returns {Type}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${id}`);
  return found;
}
