import { envelopeOf } from '../envelope.ts';
import { fieldsOf } from '../fields.ts';
import type { PushMessage } from '../messages.ts';
import type { PushWorkerScope } from '../push-worker-scope.ts';

/** Firebase's SDK too gives a handler so long to show something that it does not wait for. */
const PATIENCE_MS = 1000;

/** A handler that is at work. */
interface Run {
  readonly id: string | null;
  hasShown: boolean;
}

/**
 * An app that comes from Firebase shows notifications in its handler, and says nothing of it. So what a handler shows is noticed, at
 * the call: asked later, a browser may not know of a notification whose icon is being loaded. Belfry's own for that message is then left out.
 *
 * @returns calls the handler of a message; settles once that has done its work
 */
export function preferOwnNotifications(
  scope: Pick<PushWorkerScope, 'location' | 'registration' | 'setTimeout'>,
): (message: Pick<PushMessage, 'id' | 'notification'>, handle: () => unknown) => Promise<void> {
  const { registration } = scope;
  const show = registration.showNotification;
  const runs = new Set<Run>();
  /** By the message's id. */
  const shownByApp = new Map<string, Promise<void>>();
  let calling: Run | null = null;

  registration.showNotification = (title, options) => {
    const showThis = (navigate?: string): Promise<void> =>
      show.call(registration, title, navigate === undefined ? options : { navigate, ...options });
    const { data } = fieldsOf(options);
    if ('belfry' in fieldsOf(data)) {
      const id = envelopeOf(data)?.id ?? '';
      const own = shownByApp.get(id);
      shownByApp.delete(id);
      return own ? own.catch(() => showThis()) : showThis();
    }
    // What a handler shows after it has waited for something may be any's; they mostly take equally long.
    const run = calling ?? [...runs].find(({ hasShown }) => !hasShown);
    if (!run) return showThis();
    run.hasShown = true;
    // WebKit takes none without `navigate` for a push that it has parsed itself.
    const showing = showThis().catch(() => showThis(`${scope.location.origin}/`));
    if (run.id !== null) shownByApp.set(run.id, showing);
    return showing;
  };

  return async ({ id, notification }, handle) => {
    const run: Run = { id, hasShown: false };
    runs.add(run);
    try {
      calling = run;
      const work = (async () => handle())();
      calling = null;
      await work;
      if (!run.hasShown && notification === null) {
        await new Promise<void>((resolve) => void scope.setTimeout(resolve, PATIENCE_MS));
      }
    } finally {
      runs.delete(run);
    }
  };
}
