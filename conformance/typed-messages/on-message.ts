import { onMessage } from '@belfry/client';
import type { PushWorker } from '@belfry/worker';

export function inThePage(append: (text: string) => void): void {
  onMessage('chat.message', ({ payload }) => append(`${payload.from}: ${payload.text}`));
  onMessage('expense.approved', ({ payload: { id, comment } }) => append(`${id} ${comment ?? ''}`));
  onMessage('*', ({ type }) => append(type ?? 'a notification alone'));

  // @ts-expect-error: no such type
  onMessage('chat.massage', () => {});
  // @ts-expect-error: no such field
  onMessage('chat.message', ({ payload }) => append(payload.body));
  // @ts-expect-error: a number
  onMessage('expense.approved', ({ payload }) => append(payload.id));
}

export function inTheWorker(worker: PushWorker): void {
  worker.onPush('chat.message', ({ payload }) => ({ title: payload.from, body: payload.text }));
  worker.onPush('chat.message', async ({ notification }) => notification ?? undefined);
  worker.onPush('*', ({ type }) => (type === 'cache.stale' ? { title: 'Fresh' } : undefined));
  worker.onClick('expense.approved', ({ action, message }) => action === 'show' && message.payload.id > 0);

  // @ts-expect-error: no such type
  worker.onPush('chat.massage', () => {});
  // @ts-expect-error: no such field
  worker.onPush('chat.message', ({ payload }) => ({ title: payload.title }));
  // @ts-expect-error: no such field
  worker.onClick('expense.approved', ({ message }) => message.payload.approved);
  // @ts-expect-error: a title is a text
  worker.onPush('expense.approved', ({ payload }) => ({ title: payload.id }));
}
