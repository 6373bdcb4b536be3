import type { SoftPromptEnvironment } from './create-soft-prompt.ts';

export const DAY_MS = 86_400_000;

/** The tabs of one site: they share a storage, and each hears what another has stored. */
export interface FakeTabs {
  open(): SoftPromptEnvironment;
  readonly stored: Map<string, string>;
  nowMs: number;
  /** What the browser does not let the page do. */
  readonly refused: Set<'read' | 'write'>;
}

export function fakeTabs(): FakeTabs {
  const listeners = new Map<object, Set<() => void>>();
  const tabs: FakeTabs = {
    stored: new Map(),
    nowMs: Date.UTC(2026, 10, 21),
    refused: new Set(),
    open() {
      const own = new Set<() => void>();
      function change(apply: () => void): void {
        refuse('write');
        apply();
        for (const [tab, others] of listeners) if (tab !== environment) for (const listener of others) listener();
      }
      const environment: SoftPromptEnvironment = {
        Date: { now: () => tabs.nowMs },
        addEventListener: (_type, listener) => void own.add(listener),
        removeEventListener: (_type, listener) => void own.delete(listener),
        get localStorage() {
          refuse('read');
          return {
            getItem: (key: string) => tabs.stored.get(key) ?? null,
            setItem: (key: string, value: string) => change(() => tabs.stored.set(key, value)),
            removeItem: (key: string) => change(() => tabs.stored.delete(key)),
          };
        },
      };
      listeners.set(environment, own);
      return environment;
    },
  };

  function refuse(what: 'read' | 'write'): void {
    if (tabs.refused.has(what)) throw new DOMException('The browser keeps nothing here', 'SecurityError');
  }
  return tabs;
}
