import { envelopeOf } from './envelope.ts';
import { fieldsOf } from './fields.ts';
import { parseDeclaredPush, type Shown } from './parse-push.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';

/**
 * What is on the screen under the tag of a notification, if that is newer or the very same message: showing it again keeps the older
 * one from taking its place. Undefined where there is none.
 */
export async function findNewer(deps: PushWorkerDeps, own: Shown): Promise<Shown | undefined> {
  const envelope = envelopeOf(own.options.data);
  const shown = await deps.scope.registration.getNotifications({ tag: String(own.options.tag) });
  const newer = shown.find(({ data }) => {
    const other = envelopeOf(data);
    // What is there of a former user is not shown again.
    return envelope && other?.binding === envelope.binding && other.seq >= envelope.seq;
  });
  const push = parseDeclaredPush(fieldsOf(newer), deps.options.defaultNotification);
  return newer && { title: push.title, options: { ...push.options, data: newer.data } };
}
