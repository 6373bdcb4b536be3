import { fieldsOf, text } from './fields.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';

/**
 * Where a click leads, by the notification's data: to the button's URL, else the notification's, else the default notification's, else
 * the worker's scope.
 */
export function clickUrl(deps: PushWorkerDeps, data: unknown, action = ''): string {
  const urls = fieldsOf(fieldsOf(data).urls);
  for (const each of [urls[action], urls[''], deps.options.defaultNotification.url]) {
    try {
      const url = new URL(text(each) ?? 'none:', deps.scope.location.origin).href;
      if (/^https?:/.test(url)) return url;
    } catch {}
  }
  return deps.scope.registration.scope;
}
