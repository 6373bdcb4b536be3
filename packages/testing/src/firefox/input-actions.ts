/** Input sources of WebDriver BiDi's input.performActions. What they do carries user activation, as a person's does. */

/** Moves the mouse to the centre of a node, presses and releases its main button. */
export function pointerClickActions(sharedId: string): readonly object[] {
  const origin = { type: 'element', element: { sharedId } };
  return [
    {
      type: 'pointer',
      id: 'mouse',
      actions: [
        { type: 'pointerMove', x: 0, y: 0, origin },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ],
    },
  ];
}

/** Presses and releases one key for each character. */
export function keyActions(text: string): readonly object[] {
  const actions = Array.from(text, (character) => namedKeys.get(character) ?? character).flatMap((value) => [
    { type: 'keyDown', value },
    { type: 'keyUp', value },
  ]);
  return [{ type: 'key', id: 'keyboard', actions }];
}

// Code points of WebDriver's "Keyboard actions" for keys that write no character of their own.
const namedKeys: ReadonlyMap<string, string> = new Map([
  ['\n', '\uE007'],
  ['\t', '\uE004'],
  ['\u001b', '\uE00C'],
]);
