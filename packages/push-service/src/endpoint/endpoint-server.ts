import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { closeWithConnections } from '../close-with-connections.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import type { WrittenAnswer } from '../personas/persona.ts';
import { preflightHeaders } from './cors-headers.ts';
import { type ReceivePushOptions, receivePush } from './receive-push.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { requestOrigin } from './request-origin.ts';
import { parseResource, type Resource } from './resource.ts';
import { serveReceipts } from './serve-receipts.ts';
import { writeAnswer } from './write-answer.ts';

export interface EndpointOptions extends ReceivePushOptions {
  /** All origins that its endpoints have; a request must be to one of them. */
  readonly origins: readonly string[];
  readonly logger: PushServiceLogger;
}

/** Serves RFC 8030 over HTTP/2 and HTTP/1.1 on a server that listens already. */
export function serveEndpoints(server: Http2SecureServer, options: EndpointOptions): { close(): Promise<void> } {
  const close = closeWithConnections(server);
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const origin = requestOrigin(request.headers[':authority'] ?? request.headers.host, options.origins);
    answer({ request, response, origin }, options).then(
      (result) => writeAnswer(response, result),
      (fault: unknown) => {
        options.logger.warn('A push request could not be handled', faultFields(fault));
        writeAnswer(response, options.personas.of(origin ?? '').refused({ refusal: refusalOf(fault) }));
      },
    );
  });
  return { close };
}

interface Exchange {
  readonly request: Http2ServerRequest;
  readonly response: Http2ServerResponse;
  /** Undefined where the request is to an origin that is none of the service's. */
  readonly origin: string | undefined;
}

async function answer(exchange: Exchange, options: EndpointOptions): Promise<WrittenAnswer | undefined> {
  const { request, response, origin } = exchange;
  if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
    return { status: 200, headers: preflightHeaders(request.headers) };
  }
  if (origin === undefined) return refuse('misdirected');
  const resource = parseResource(request.url);
  if (resource === undefined) return refuse('unknown-url');
  const allow = METHODS[resource.type];
  if (request.method !== allow) {
    const refused = refuse('method-not-allowed');
    return { ...refused, headers: { ...refused.headers, allow } };
  }
  const { store, clock, logger } = options;
  switch (resource.type) {
    case 'subscription':
      return receivePush({ request, response, origin, token: resource.token }, options);
    case 'message':
      return store.removeMessage(resource.id, clock.now()) ? { status: 204, headers: {} } : refuse('unknown-url');
    case 'receipts': {
      const { receipts } = store;
      if (!receipts.useSubscription(resource.token, clock.now())) return refuse('unknown-url');
      serveReceipts({ request, response, receipts, subscription: resource.token, origin, logger });
      return undefined;
    }
  }

  function refuse(refusal: Refusal): WrittenAnswer {
    return options.personas.of(origin ?? '').refused({ refusal });
  }
}

/** RFC 8030 §5, §6.2 and §6.3. */
const METHODS: Readonly<Record<Resource['type'], string>> = {
  subscription: 'POST',
  message: 'DELETE',
  receipts: 'GET',
};
