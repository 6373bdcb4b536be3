import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { MAX_BODY_BYTES } from '@belfry/protocol';
import type { EndpointToken } from '../identifiers.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import { acceptPush, checkPush, type PushContext } from './accept-push.ts';
import { ERROR_ANSWERS, type Refusal } from './error-answer.ts';
import { readBody } from './read-body.ts';
import { messageUrl, parseResource, type Resource } from './resource.ts';

export interface EndpointOptions extends Omit<PushContext, 'now'> {
  readonly clock: { now(): number };
  readonly logger: PushServiceLogger;
}

type Answer =
  | { readonly type: 'created'; readonly location: string; readonly ttlSeconds: number }
  | { readonly type: 'deleted' }
  | { readonly type: 'refused'; readonly refusal: Refusal; readonly allow?: string }
  /** The client went away before it had sent everything. */
  | { readonly type: 'aborted' };

/** Serves RFC 8030 over HTTP/2 and HTTP/1.1 on a server that listens already. */
export function serveEndpoints(server: Http2SecureServer, options: EndpointOptions): { close(): Promise<void> } {
  // Every TCP connection, since one that never finishes its TLS handshake would keep the server from closing too.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    answer(request, options).then(
      (result) => write(response, result),
      (fault: unknown) => {
        options.logger.warn('A push request could not be handled', faultFields(fault));
        write(response, { type: 'refused', refusal: 'internal-error' });
      },
    );
  });
  return {
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      return promise;
    },
  };
}

async function answer(request: Http2ServerRequest, options: EndpointOptions): Promise<Answer> {
  const resource = parseResource(request.url);
  if (resource === undefined) return { type: 'refused', refusal: 'unknown-url' };
  const allow = METHODS[resource.type];
  if (request.method !== allow) return { type: 'refused', refusal: 'method-not-allowed', allow };
  const context: PushContext = { ...options, now: options.clock.now() };
  if (resource.type === 'subscription') return receivePush(resource.token, request, context);
  return options.store.removeMessage(resource.id, context.now)
    ? { type: 'deleted' }
    : { type: 'refused', refusal: 'unknown-url' };
}

async function receivePush(token: EndpointToken, request: Http2ServerRequest, context: PushContext): Promise<Answer> {
  const check = await checkPush(token, request.headers, context);
  if (check.type === 'refused') return check;
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === 'too-large') return { type: 'refused', refusal: 'body-too-large' };
  if (body === 'aborted') return { type: 'aborted' };
  const outcome = acceptPush(check.push, body, context);
  if (outcome.type === 'refused') return outcome;
  return {
    type: 'created',
    location: messageUrl(context.origin, outcome.messageId),
    ttlSeconds: check.push.ttlSeconds,
  };
}

/** RFC 8030 §5 and §6.2. */
const METHODS: Readonly<Record<Resource['type'], string>> = { subscription: 'POST', message: 'DELETE' };

function write(response: Http2ServerResponse, result: Answer): void {
  switch (result.type) {
    case 'created':
      response.writeHead(201, { location: result.location, ttl: String(result.ttlSeconds), 'content-length': '0' });
      response.end();
      return;
    case 'deleted':
      response.writeHead(204);
      response.end();
      return;
    case 'refused': {
      const error = ERROR_ANSWERS[result.refusal];
      response.writeHead(error.code, {
        'content-type': 'application/json',
        ...(error.code === 401 ? { 'www-authenticate': 'vapid' } : {}),
        ...(result.allow === undefined ? {} : { allow: result.allow }),
      });
      response.end(JSON.stringify(error));
      return;
    }
    case 'aborted':
      return;
  }
}
