import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { closeWithConnections } from '../close-with-connections.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import { checkCaller } from './check-caller.ts';
import { errorAnswer } from './control-error.ts';
import type { ControlAnswer, ControlContext } from './control-route.ts';
import { findRoute } from './find-route.ts';
import { type PageFile, readPageFiles } from './page-files.ts';
import { readJsonBody } from './read-json-body.ts';

export interface ControlServerOptions extends ControlContext {
  readonly logger: PushServiceLogger;
}

/** No CORS headers: no other origin is to read anything. What is shown comes from strangers: nothing inline may run. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Serves the page and the control API on an HTTP server that listens already. */
export function serveControl(server: Server, options: ControlServerOptions): { close(): Promise<void> } {
  const { service, logger } = options;
  const content = Buffer.from(service.certificateAuthority);
  const files = new Map([
    ...readPageFiles(),
    ['/certificate-authority.pem', { contentType: 'application/x-pem-file', content }],
  ]);
  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    answer(request, { options, files }).then(
      (result) => write(response, result),
      (error: unknown) => {
        const { status, allow, json } = errorAnswer(error);
        if (status === 500) logger.warn('A control request could not be handled', faultFields(error));
        if (allow !== undefined) response.setHeader('allow', allow);
        writeJson(response, { status, json });
      },
    );
  });
  return { close: closeWithConnections(server) };
}

type Answer = ControlAnswer | { readonly status: 'file'; readonly file: PageFile } | { readonly status: 'aborted' };

async function answer(
  request: IncomingMessage,
  { options, files }: { readonly options: ControlContext; readonly files: ReadonlyMap<string, PageFile> },
): Promise<Answer> {
  checkCaller(request);
  const { method } = request;
  const [path = '', query] = request.url?.split('?') ?? [];
  // Whoever waits for a server to be up asks with HEAD.
  const file = method === 'GET' || method === 'HEAD' ? files.get(path) : undefined;
  if (file !== undefined) return { status: 'file', file };
  const { route, id } = findRoute(path, method);
  const hasBody = method === 'POST' || method === 'PUT';
  const body = hasBody ? await readJsonBody(request) : { json: undefined };
  if (body === 'aborted') return { status: 'aborted' };
  return route.handle({ id, query: new URLSearchParams(query), body: body.json }, options);
}

function write(response: ServerResponse, result: Answer): void {
  switch (result.status) {
    case 'aborted':
      return;
    case 'streamed':
      return result.stream(response);
    case 'file':
      response.writeHead(200, { 'content-type': result.file.contentType }).end(result.file.content);
      return;
    case 204:
      response.writeHead(204).end();
      return;
    case 200:
    case 201:
      writeJson(response, result);
  }
}

function writeJson(
  response: ServerResponse,
  { status, json }: { readonly status: number; readonly json: unknown },
): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}
