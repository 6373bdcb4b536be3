import { readFileSync } from 'node:fs';
import { figuresSection, type Results } from './figures-section.ts';

export const README: URL = new URL('../../../README.md', import.meta.url);
const [BEGIN, END] = ['<!-- figures: npm run bench:readme -->', '<!-- /figures -->'];

/** The README with its figures as bench/results/ has them. */
export function withFigures(readme: string): string {
  const [before = '', rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new TypeError('The README has no place for figures');
  return `${before}${BEGIN}\n${figuresSection(results())}\n${END}${after}`;
}

/** Written by the benches themselves, and of this repository. */
function results(): Results {
  const encrypt: Results['encrypt'] = JSON.parse(resultOf('encrypt'));
  const send: Results['send'] = JSON.parse(resultOf('send'));
  const deadHost: Results['deadHost'] = JSON.parse(resultOf('dead-host'));
  const pushService: Results['pushService'] = JSON.parse(resultOf('push-service'));
  const fanout: Results['fanout'] = JSON.parse(resultOf('fanout'));
  const notify: Results['notify'] = JSON.parse(resultOf('notify'));
  const size: Results['size'] = JSON.parse(resultOf('size'));
  return { encrypt, send, deadHost, pushService, fanout, notify, size };
}

function resultOf(bench: string): string {
  return readFileSync(new URL(`../../results/${bench}.json`, import.meta.url), 'utf8');
}
