import { TestingError } from './errors.ts';

/**
 * The button named by its position (from 0) or by what it says.
 *
 * @throws TestingError `no-such-action`
 */
export function actionButton<Button extends { readonly label: string }>(
  buttons: readonly Button[],
  which: number | string,
): Button {
  const button = typeof which === 'number' ? buttons[which] : buttons.find(({ label }) => label === which);
  if (button !== undefined) return button;
  const there = buttons.map(({ label }) => JSON.stringify(label)).join(', ') || 'none';
  const wanted = JSON.stringify(which);
  throw new TestingError('no-such-action', `The notification has no action ${wanted}; its actions: ${there}`);
}
