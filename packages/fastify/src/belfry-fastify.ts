import { Readable } from 'node:stream';
import { type Belfry, type BelfryOptions, createBelfry } from '@belfry/server';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
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
  const { prefix = '/api/push' } = options;
  // Within a scope of the application that has a prefix, the routes have both.
  const belfry = await createBelfry<FastifyRequest>({ logger: loggerOf(app), ...options, prefix: app.prefix + prefix });
  app.decorate('belfry', belfry);
  app.decorate('notify', belfry.notify);
  app.addHook('onClose', () => belfry.close());
  await app.register(routes, { prefix });

  async function routes(scope: FastifyInstance): Promise<void> {
    // Belfry reads the body itself, with limits of its own.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/*',
      handler: async (request, reply) =>
        reply.send(await belfry.handle(toWebRequest(request), { identityRequest: request })),
    });
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

function toWebRequest(request: FastifyRequest): Request {
  const { method, protocol, host, url, headers, body } = request;
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => [name, one] as const),
  );
  // A Host that is none makes no origin of its own; the configured origins are still known.
  const base = URL.parse(`${protocol}://${host}`) ?? 'http://invalid';
  return new Request(new URL(url, base), {
    method,
    headers: fields.map(([name, value]) => [name, value]),
    ...(body instanceof Readable ? { body: Readable.toWeb(body), duplex: 'half' } : {}),
  });
}

function loggerOf(app: FastifyInstance): NonNullable<BelfryOptions['logger']> {
  return {
    info: (message, fields) => app.log.info(fields ?? {}, message),
    warn: (message, fields) => app.log.warn(fields ?? {}, message),
    error: (message, fields) => app.log.error(fields ?? {}, message),
  };
}
