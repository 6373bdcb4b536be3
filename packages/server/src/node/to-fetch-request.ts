import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Readable } from 'node:stream';
import { bodyStream } from './body-stream.ts';

/** A request as Node's HTTP/1.1 and HTTP/2 servers hand it over. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

export interface NodeRequestContext {
  /** `http` or `https`, as the client sees it. */
  readonly protocol: string;
  /** Of the request's body, where something reads it first, such as a decompressing hook; default: the request itself. */
  readonly body?: Readable | undefined;
}

/**
 * A Node request as a Request of the Fetch API, for `Belfry.handle`. The host in its URL is the Host header or `:authority`; anything
 * that is no host becomes `invalid`, which is no one's origin. `X-Forwarded-Host` does not count, also not from a trusted proxy: nginx and
 * most load balancers pass on what the client wrote there, so a page under another name could say that its Host is ours.
 *
 * Returns undefined where the Fetch API has no form for the request, such as a method `TRACE` or a header with characters beyond
 * Latin-1: respond with 400.
 *
 * Its body is read on demand. Call `discardBody` when the answer is there.
 */
export function toFetchRequest(request: NodeRequest, context: NodeRequestContext): Request | undefined {
  const { method = 'GET', headers, url = '/' } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  try {
    return new Request(targetOf(url, { protocol: context.protocol, host: hostOf(request) }), {
      method,
      headers: toFetchHeaders(headers),
      ...(hasBody ? { body: bodyStream(context.body ?? request), duplex: 'half' } : {}),
    });
  } catch {
    return undefined;
  }
}

/** A record: pairs, of which Request makes one iterator each, took some 4 KB more of memory for a request. */
function toFetchHeaders(headers: NodeRequest['headers']): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2's `:path` and its like are no headers.
    if (value !== undefined && !name.startsWith(':'))
      record[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return record;
}

function hostOf(request: NodeRequest): string {
  return ('authority' in request ? request.authority : request.headers.host) ?? '';
}

/** The path alone counts: a target in absolute form (RFC 9112 §3.2.2) could name another host than the Host header does. */
function targetOf(target: string, { protocol, host }: { readonly protocol: string; readonly host: string }): string {
  const base = URL.parse(`${protocol}://${host}`);
  // A Host with a path, a query or credentials is none.
  const origin = base !== null && /^[^\/?#@\\]+$/v.test(host) ? base.origin : 'http://invalid';
  const path = target.replace(/^[a-z][a-z0-9+.\-]*:\/\/[^\/?#]*/iv, '');
  // Not a path that is resolved against the origin: one that begins with two slashes would be read as a host.
  return path.startsWith('/') ? `${origin}${path}` : `${origin}/${path}`;
}
