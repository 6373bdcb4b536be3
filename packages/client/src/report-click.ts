import type { PushClientContext } from './push-client-context.ts';
import { findRegistration } from './worker-registration.ts';

const MARK = /[#&]belfry=[\w-]+\.[^&]*$/;
/** Of a message to this device: the server knows by the token that it is one. */
const REPORTED = /belfry=([\w-]+)\.([\w-]{16})\.([^&]*)$/;

/**
 * WebKit follows a click on a notification itself and does not tell the service worker, so the address says which message it
 * was. It is taken from there, before the app's router sees it, and reported; whether that arrives changes nothing for the user.
 */
export async function reportClick(context: PushClientContext): Promise<void> {
  const { environment, records, server } = context;
  const { history, location } = environment;
  const [mark] = MARK.exec(location.hash) ?? [];
  if (mark === undefined) return;
  const [, id, token, action = ''] = REPORTED.exec(mark) ?? [];
  try {
    history.replaceState(history.state, '', location.href.replace(MARK, ''));
    // An address from elsewhere: nobody clicked on a notification.
    if (id === undefined || token === undefined) return;
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
          token,
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
