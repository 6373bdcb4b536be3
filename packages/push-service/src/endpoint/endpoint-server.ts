import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { MAX_BODY_BYTES } from '@belfry/protocol';
import { closeWithConnections } from '../close-with-connections.ts';
import type { EndpointToken } from '../identifiers.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import { acceptPush, checkPush, type PushContext } from './accept-push.ts';
import { preflightHeaders } from './cors-headers.ts';
import { readBody } from './read-body.ts';
import { requestOrigin } from './request-origin.ts';
import { messageUrl, parseResource, type Resource, receiptsUrl } from './resource.ts';
import { serveReceipts } from './serve-receipts.ts';
import { type Answer, writeAnswer } from './write-answer.ts';

export interface EndpointOptions extends Omit<PushContext, 'now' | 'origin'> {
  /** All origins that its endpoints have; a request must be to one of them. */
  readonly origins: readonly string[];
  readonly clock: { now(): number };
  readonly logger: PushServiceLogger;
}

/** Serves RFC 8030 over HTTP/2 and HTTP/1.1 on a server that listens already. */
export function serveEndpoints(server: Http2SecureServer, options: EndpointOptions): { close(): Promise<void> } {
  const close = closeWithConnections(server);
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    answer(request, response, options).then(
      (result) => writeAnswer(response, result),
      (fault: unknown) => {
        options.logger.warn('A push request could not be handled', faultFields(fault));
        writeAnswer(response, { type: 'refused', refusal: 'internal-error' });
      },
    );
  });
  return { close };
}

async function answer(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  options: EndpointOptions,
): Promise<Answer> {
  if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
    return { type: 'preflight', headers: preflightHeaders(request.headers) };
  }
  const origin = requestOrigin(request.headers[':authority'] ?? request.headers.host, options.origins);
  if (origin === undefined) return { type: 'refused', refusal: 'misdirected' };
  const resource = parseResource(request.url);
  if (resource === undefined) return { type: 'refused', refusal: 'unknown-url' };
  const allow = METHODS[resource.type];
  if (request.method !== allow) return { type: 'refused', refusal: 'method-not-allowed', allow };
  const { store, clock, logger } = options;
  const context: PushContext = { ...options, origin, now: clock.now() };
  switch (resource.type) {
    case 'subscription':
      return receivePush(resource.token, request, context);
    case 'message':
      return store.removeMessage(resource.id, context.now)
        ? { type: 'deleted' }
        : { type: 'refused', refusal: 'unknown-url' };
    case 'receipts': {
      const { receipts } = store;
      if (!receipts.useSubscription(resource.token, context.now)) return { type: 'refused', refusal: 'unknown-url' };
      serveReceipts({ request, response, receipts, subscription: resource.token, origin, logger });
      return { type: 'streamed' };
    }
  }
}

async function receivePush(token: EndpointToken, request: Http2ServerRequest, context: PushContext): Promise<Answer> {
  const check = await checkPush(token, request.headers, context);
  if (check.type === 'refused') return check;
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === 'too-large') return { type: 'refused', refusal: 'body-too-large' };
  if (body === 'aborted') return { type: 'aborted' };
  const outcome = acceptPush(check.push, body, context);
  if (outcome.type === 'refused') return outcome;
  const { messageId, receipts } = outcome;
  return {
    type: 'accepted',
    location: messageUrl(context.origin, messageId),
    ttlSeconds: check.push.ttlSeconds,
    receipts: receipts === undefined ? undefined : receiptsUrl(context.origin, receipts),
  };
}

/** RFC 8030 §5, §6.2 and §6.3. */
const METHODS: Readonly<Record<Resource['type'], string>> = {
  subscription: 'POST',
  message: 'DELETE',
  receipts: 'GET',
};
