import { Readable } from 'node:stream';
import { type Belfry, type BelfryOptions, createBelfry } from '@belfry/server';
import { discardBody, toFetchRequest } from '@belfry/server/node';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** Belfry's server, for everything beyond {@link FastifyInstance.notify}. */
    readonly belfry: Belfry<FastifyRequest>;
    /** Sends a message to every device of a user; see `Belfry.notify`. */
    readonly notify: Belfry['notify'];
  }
}

export interface BelfryFastifyOptions extends Omit<BelfryOptions, 'authenticate'> {
  /** Who sent a request, from Fastify's own: `(request) => request.user?.id`. */
  authenticate(request: FastifyRequest): ReturnType<BelfryOptions['authenticate']>;
}

const plugin: FastifyPluginAsync<BelfryFastifyOptions> = async (app, options) => {
  const { prefix = '/api/push', clock } = options;
  // Within a scope of the application that has a prefix, the routes have both.
  const belfry = await createBelfry<FastifyRequest>({ logger: loggerOf(app), ...options, prefix: app.prefix + prefix });
  app.decorate('belfry', belfry);
  app.decorate('notify', belfry.notify);
  app.addHook('onClose', () => belfry.close());
  await app.register(routes, { prefix });

  async function routes(scope: FastifyInstance): Promise<void> {
    // Belfry reads the body itself, with limits of its own.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => {
      // A hook may have put a stream there that decompresses. It may fail before anything of Belfry's reads it.
      payload.on('error', () => {});
      done(null, payload);
    });
    // Fastify's own HEAD routes cannot send a Response.
    scope.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposeHeadRoute: false,
      url: '/*',
      handler,
    });
  }

  async function handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const response = await respond(request);
    if (response === undefined) return reply.code(400).send();
    const { raw, body } = request;
    // A hook of the application may have put another stream in the place of the request's own.
    discardBody(raw, { clock, body: body instanceof Readable ? body : undefined });
    return reply.send(response);
  }

  // Not async: it would keep the Request in memory for as long as a refusal waits.
  function respond(request: FastifyRequest): Promise<Response> | undefined {
    const { protocol, raw, ip: clientAddress, body } = request;
    const webRequest = toFetchRequest(raw, { protocol, body: body instanceof Readable ? body : undefined });
    return webRequest && belfry.handle(webRequest, { identityRequest: request, clientAddress });
  }
};

/**
 * Belfry as a Fastify plugin: `app.notify(userId, message)`, and the routes under `/api/push`.
 *
 * @example
 * await app.register(belfryFastify, {
 *   store: sqlite('belfry.db'),
 *   subject: 'mailto:ops@example.com',
 *   origins: ['https://app.example.com'],
 *   authenticate: (request) => request.session.userId,
 * });
 */
export const belfryFastify: FastifyPluginAsync<BelfryFastifyOptions> = fp(plugin, {
  name: '@belfry/fastify',
  fastify: '5.x',
});

function loggerOf(app: FastifyInstance): NonNullable<BelfryOptions['logger']> {
  return {
    info: (message, fields) => app.log.info(fields ?? {}, message),
    warn: (message, fields) => app.log.warn(fields ?? {}, message),
    error: (message, fields) => app.log.error(fields ?? {}, message),
  };
}
