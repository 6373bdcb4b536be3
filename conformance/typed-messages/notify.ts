import { type BelfryFastifyOptions, belfryFastify } from '@belfry/fastify';
import type { Belfry, FullMessage, Message, MessageType, PayloadOf } from '@belfry/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ChatMessage } from './messages.ts';

export const registerAt = (app: FastifyInstance, options: BelfryFastifyOptions): unknown =>
  app.register(belfryFastify, { ...options, prefix: '/push' });

export function notify(belfry: Belfry, app: FastifyInstance, chat: ChatMessage, any: FullMessage): void {
  // What the application declares is taken, from Fastify's side too.
  void belfry.notify('ada', { type: 'chat.message', payload: { from: 'bob', text: 'Hi' } });
  void belfry.notify({ topic: 'chat' }, { type: 'chat.message', payload: chat, category: 'chat', badgeCount: 1 });
  void belfry.notify('ada', { type: 'expense.approved', payload: { id: 1 }, notification: { title: 'Approved' } });
  void belfry.notify('ada', { type: 'cache.stale' }, { foreground: 'both' });
  void app.notify('ada', { type: 'chat.message', payload: chat });
  void app.belfry.notify('ada', { type: 'chat.message', payload: chat });

  // So is a message for people alone, in both of its forms.
  void belfry.notify('ada', { title: 'Hi', body: 'there', url: '/chat' });
  void belfry.notify('ada', { notification: { title: 'Hi' }, category: 'chat', badgeCount: 0 });
  void app.notify('ada', { title: 'Hi' });

  // @ts-expect-error: no such type
  void belfry.notify('ada', { type: 'chat.massage', payload: chat });
  // @ts-expect-error: no such type
  void app.notify('ada', { type: 'chat.massage', payload: chat });
  // @ts-expect-error: the payload of another type
  void belfry.notify('ada', { type: 'expense.approved', payload: chat });
  // @ts-expect-error: the payload of another type
  void app.notify('ada', { type: 'expense.approved', payload: chat });
  // @ts-expect-error: a field of the wrong type
  void belfry.notify('ada', { type: 'expense.approved', payload: { id: '1' } });
  // @ts-expect-error: a field too much
  void belfry.notify('ada', { type: 'expense.approved', payload: { id: 1, by: 'bob' } });
  // @ts-expect-error: a field too few
  void belfry.notify('ada', { type: 'chat.message', payload: { from: 'bob' }, notification: { title: 'Hi' } });
  // @ts-expect-error: no payload
  void belfry.notify('ada', { type: 'chat.message', notification: { title: 'Hi' } });
  // @ts-expect-error: a payload where there is none
  void belfry.notify('ada', { type: 'cache.stale', payload: 1 });
  // @ts-expect-error: a payload of no type
  void belfry.notify('ada', { payload: chat, notification: { title: 'Hi' } });
  // @ts-expect-error: nothing to say
  void belfry.notify('ada', { category: 'chat' });
  // @ts-expect-error: any type, any payload
  void belfry.notify('ada', any);
  // @ts-expect-error: flat, with a type
  void belfry.notify('ada', { title: 'Hi', type: 'chat.message', payload: chat });
}

/** What an application builds upon. */
export const type: MessageType = 'chat.message';
export const payload: PayloadOf<'expense.approved'> = { id: 1 };
export const message: Message = { type: 'chat.message', payload: { from: 'bob', text: 'Hi' } };
export const belfryOf = (app: FastifyInstance): Belfry<FastifyRequest> => app.belfry;

// @ts-expect-error: no such type
export const noType: MessageType = 'chat.massage';
// @ts-expect-error: the payload of another type
export const noPayload: PayloadOf<'expense.approved'> = { from: 'bob', text: 'Hi' };
