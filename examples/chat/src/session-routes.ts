import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { personName } from './person.ts';

const COOKIE = 'chat-session';

/** The name in the signed cookie, or null. This is all that Belfry asks an application for. */
export function signedInAs(request: FastifyRequest): string | null {
  const cookie = request.cookies[COOKIE];
  return cookie === undefined ? null : request.unsignCookie(cookie).value;
}

/** Signing in is saying a name: an example needs no passwords. */
export const sessionRoutes: FastifyPluginAsync = async (app) => {
  app.get('/api/session', (request) => ({ name: signedInAs(request) }));

  app.post('/api/session', (request, reply) => {
    const body = v.safeParse(v.object({ name: personName }), request.body);
    if (!body.success) return reply.code(400).send({ error: body.issues[0].message });
    const { name } = body.output;
    // Lax: another site's form cannot use it.
    void reply.setCookie(COOKIE, name, {
      signed: true,
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      maxAge: 31_536_000,
    });
    return { name };
  });
};
