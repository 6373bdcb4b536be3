import type { Notified } from '@belfry/server';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { LiveReaders } from './live-readers.ts';
import { personName } from './person.ts';
import { signedInAs } from './session-routes.ts';
import type { MessageLog } from './store/message-log.ts';

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('A message has some text'), v.maxLength(2000));
const toSomebody = v.object({ params: v.object({ name: personName }) });
const withText = v.object({ ...toSomebody.entries, body: v.object({ text }) });

export interface ConversationOptions {
  readonly log: MessageLog;
  readonly readers: LiveReaders;
  onNotified(notified: Notified): void;
}

/** Reading and writing. Whoever is written to and has no page open gets a notification. */
export const conversationRoutes: FastifyPluginAsync<ConversationOptions> = async (app, options) => {
  const { log, readers } = options;

  app.get('/api/conversations', (request) => log.partnersOf(whoIs(request)));

  app.get('/api/conversations/:name', (request) => {
    const { params } = v.parse(toSomebody, { params: request.params });
    return log.between(whoIs(request), params.name);
  });

  app.post('/api/conversations/:name', async (request, reply) => {
    const from = whoIs(request);
    const { params, body } = v.parse(withText, { params: request.params, body: request.body });
    const message = log.add({ from, to: params.name, text: body.text, at: Date.now() });
    readers.tell(from, message);
    readers.tell(message.to, message);
    if (!readers.isReading(message.to)) {
      const notified = await app.notify(message.to, {
        type: 'chat.message',
        notification: {
          title: message.from,
          body: message.text.slice(0, 200),
          url: `/with/${encodeURIComponent(message.from)}`,
          tag: `chat:${message.from}`,
          icon: '/icon.svg',
        },
      });
      options.onNotified(notified);
    }
    return reply.code(201).send(message);
  });

  app.get('/api/live', (request, reply) => {
    const remove = readers.add(whoIs(request), (message) => {
      reply.raw.write(`data: ${JSON.stringify(message)}\n\n`);
    });
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).flushHeaders();
    request.raw.on('close', remove);
  });

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof v.ValiError) return reply.code(400).send({ error: error.message });
    return reply.send(error);
  });
};

function whoIs(request: FastifyRequest): string {
  const name = signedInAs(request);
  if (name === null) throw Object.assign(new Error('Sign in first'), { statusCode: 401 });
  return name;
}
