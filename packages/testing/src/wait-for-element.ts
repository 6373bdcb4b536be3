/** What to look for in a page. */
export interface ElementQuery {
  readonly selector: string;
  /** The element's rendered text contains this. */
  readonly text?: string | undefined;
  /**
   * `attached`: in the document. `visible`: painted, with an area. `receives-input`: also enabled, scrolled into view
   * and, at its centre, not covered by another element, so that a click there is a click on it.
   */
  readonly state: 'attached' | 'visible' | 'receives-input';
  readonly timeoutMs: number;
}

/**
 * Runs in the page. Waits for changes of the document instead of asking again and again; what makes an element visible
 * without such a change (a style sheet that arrives, the end of a transition) has events of its own.
 */
export const waitForElement: string = `({ selector, text, state, timeoutMs }) => new Promise((resolve) => {
  document.querySelector(selector); // An invalid selector throws here, before anything is set up.
  const textOf = (element) => element.innerText ?? element.textContent;
  const isVisible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
  };
  const isHit = (element) => {
    const box = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
  };
  const receivesInput = (element) => {
    if (element.matches(':disabled')) return false;
    if (isHit(element)) return true;
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    return isHit(element);
  };
  const fits = (element) =>
    (state === 'attached' || isVisible(element)) &&
    (text === null || textOf(element).includes(text)) &&
    (state !== 'receives-input' || receivesInput(element));

  const ended = new AbortController();
  const end = (result) => {
    ended.abort();
    observer.disconnect();
    clearTimeout(timer);
    resolve(result);
  };
  const look = () => {
    const found = [...document.querySelectorAll(selector)].find(fits);
    if (found !== undefined) end(found);
  };
  const describe = () => {
    const present = [...document.querySelectorAll(selector)].map((element) => JSON.stringify(textOf(element).slice(0, 80)));
    return (
      '"' + selector + '" to be ' + state + (text === null ? '' : ' with the text ' + JSON.stringify(text)) + ' in ' +
      location.href + '; ' + (present.length === 0 ? 'no element matches' : 'the matching texts are ' + present.join(', '))
    );
  };
  const observer = new MutationObserver(look);
  const timer = setTimeout(() => end(describe()), timeoutMs);
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  for (const event of ['load', 'toggle', 'transitionend', 'animationend', 'resize', 'scroll']) {
    addEventListener(event, look, { capture: true, signal: ended.signal });
  }
  look();
})`;
