import type { CdpConnection } from '../cdp/cdp-connection.ts';
import { stringField } from '../json-fields.ts';

/**
 * Answers the pages' dialogs, which would hold everything up with nobody there: alert, confirm and prompt are dismissed,
 * and a page that asks whether to leave it is left. Firefox does the same by itself.
 */
export async function answerDialogs(connection: CdpConnection): Promise<void> {
  connection.onEvent(({ method, params, session }) => {
    // A tab may close before it answers, and its dialog with it.
    if (method === 'Target.attachedToTarget') {
      // From then on its dialogs come as events.
      connection
        .sessionWithId(stringField(params, 'sessionId'))
        .send('Page.enable')
        .catch(() => {});
    } else if (method === 'Page.javascriptDialogOpening') {
      const accept = params['type'] === 'beforeunload';
      session.send('Page.handleJavaScriptDialog', { accept }).catch(() => {});
    }
  });
  await connection.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: true,
    filter: [{ type: 'page' }],
  });
}
