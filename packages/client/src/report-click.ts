import type { PushClientContext } from './push-client-context.ts';
import { findRegistration } from './worker-registration.ts';

const MARK = /[#&]belfry=([\w-]+)\.([^&]*)$/;

/**
 * WebKit follows a click on a notification itself and does not tell the service worker, so the address says which message it
 * was. It is taken from there, before the app's router sees it, and reported; whether that arrives changes nothing for the user.
 */
export async function reportClick(context: PushClientContext): Promise<void> {
  const { environment, records, server } = context;
  const { history, location } = environment;
  const [, id, action = ''] = MARK.exec(location.hash) ?? [];
  if (id === undefined) return;
  try {
    history.replaceState(history.state, '', location.href.replace(MARK, ''));
    const registration = await findRegistration(context);
    const record = registration && (await records.get(registration.scope));
    if (!record?.confirmed) return;
    const { confirmed, deviceSecret } = record;
    await server.report({
      deviceId: confirmed.deviceId,
      deviceSecret,
      receipts: [
        {
          id,
          binding: confirmed.binding,
          kind: 'clicked',
          action: decodeURIComponent(action),
          at: environment.Date.now(),
        },
      ],
    });
  } catch {
    // A receipt is not worth more than this.
  }
}
