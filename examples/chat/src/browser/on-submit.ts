import { element } from './element.ts';

/** Does this when the form is sent, and says on the page what went wrong. */
export function onSubmit(form: string, submit: () => Promise<void>): void {
  const problem = element('problem', HTMLElement);
  element(form, HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    problem.textContent = '';
    submit().catch((error: unknown) => {
      problem.textContent = error instanceof Error ? error.message : String(error);
    });
  });
}
