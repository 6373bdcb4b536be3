import type { FastifyInstance, FastifyRequest } from 'fastify';

/** `POST /session { user }` signs a user in, without asking who it is; `DELETE /session` signs out. */
export function addSessionRoutes(app: FastifyInstance): void {
  app.post<{ Body: { user: string } }>('/session', ({ body }, reply) =>
    reply.code(204).header('set-cookie', sessionCookie(body.user)).send(),
  );
  app.delete('/session', (_request, reply) =>
    reply
      .code(204)
      .header('set-cookie', `${sessionCookie('')}; Max-Age=0`)
      .send(),
  );
}

/** Who is signed in, in a session called after the user (`session of ada`); null for nobody. */
export function signedIn({ headers }: FastifyRequest): { userId: string; sessionId: string } | null {
  const user = /(?:^|; )user=([^;]+)/.exec(headers.cookie ?? '')?.[1];
  if (user === undefined) return null;
  const userId = decodeURIComponent(user);
  return { userId, sessionId: `session of ${userId}` };
}

function sessionCookie(user: string): string {
  return `user=${encodeURIComponent(user)}; Path=/; HttpOnly; SameSite=Lax`;
}
