import type { CdpConnection } from '../cdp/cdp-connection.ts';
import { objectField, objectsField, stringField } from '../json-fields.ts';
import { waitUntil } from '../wait-until.ts';

export interface PageTarget {
  readonly id: string;
  readonly url: string;
}

/** The tabs of one browser. */
export interface PageTargets {
  /** In the order of their opening, without hidden ones. */
  list(): Promise<readonly PageTarget[]>;
  /** A new tab; its `window` is a new one too. */
  create(options?: { readonly background?: boolean; readonly window?: boolean }): Promise<string>;
  /** Resolves when the tab has left the list. */
  close(id: string): Promise<void>;
  /** Opens a tab for this package's own use, behind the others, and closes it afterwards. */
  withHiddenTab<T>(use: (id: string) => Promise<T>): Promise<T>;
}

/** Target.getTargets lists tabs by their last use, so the order of their opening is taken from the events. */
export async function watchPageTargets(connection: CdpConnection): Promise<PageTargets> {
  const opened: string[] = [];
  // Promises, so that a list that is made while such a tab opens waits to know it.
  const hidden = new Set<Promise<string>>();
  connection.onEvent(({ method, params }) => {
    if (method === 'Target.targetCreated') opened.push(stringField(objectField(params, 'targetInfo'), 'targetId'));
  });
  await connection.send('Target.setDiscoverTargets', { discover: true });

  async function create({ background = false, window: newWindow = false } = {}): Promise<string> {
    const created = await connection.send('Target.createTarget', { url: 'about:blank', background, newWindow });
    return stringField(created, 'targetId');
  }
  async function list(): Promise<readonly PageTarget[]> {
    const infos = objectsField(await connection.send('Target.getTargets'), 'targetInfos');
    const hiddenIds = await Promise.all(hidden);
    return infos
      .filter((info) => info['type'] === 'page')
      .map((info) => ({ id: stringField(info, 'targetId'), url: stringField(info, 'url') }))
      .filter(({ id }) => !hiddenIds.includes(id))
      .toSorted((one, other) => opened.indexOf(one.id) - opened.indexOf(other.id));
  }
  return {
    list,
    create,
    async close(targetId) {
      await connection.send('Target.closeTarget', { targetId });
      await waitUntil(async () => ((await list()).some(({ id }) => id === targetId) ? undefined : true), {
        timeoutMs: 5_000,
        describe: () => 'a tab to close',
      });
    },
    async withHiddenTab(use) {
      const created = create({ background: true });
      hidden.add(created);
      const targetId = await created;
      try {
        return await use(targetId);
      } finally {
        await connection.send('Target.closeTarget', { targetId });
      }
    },
  };
}
