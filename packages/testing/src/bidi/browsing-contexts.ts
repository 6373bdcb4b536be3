import type { BidiConnection } from './bidi-connection.ts';
import { objectsField, stringField } from '../json-fields.ts';

/** A top-level browsing context: a tab, or with the scope `chrome` one of Firefox's own windows. */
export interface BrowsingContext {
  readonly id: string;
  readonly url: string;
  /** The id of the window that it is, or is in. */
  readonly clientWindow: string;
}

/** Tabs (`content`), or Firefox's own windows (`chrome`, which needs --remote-allow-system-access), in the order of their opening. */
export async function browsingContexts(
  connection: BidiConnection,
  scope: 'content' | 'chrome',
): Promise<readonly BrowsingContext[]> {
  const tree = await connection.send('browsingContext.getTree', { maxDepth: 0, 'moz:scope': scope });
  return objectsField(tree, 'contexts').map((context) => ({
    id: stringField(context, 'context'),
    url: stringField(context, 'url'),
    clientWindow: stringField(context, 'clientWindow'),
  }));
}
