import { type Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { toHeaders } from './to-headers.ts';
import type { HttpsProxyAgentOptions, RequestDetails, SendResult } from './types.ts';
import { WebPushError } from './web-push-error.ts';

/**
 * POSTs over https, whatever the endpoint's scheme: as web-push, it has no say in where an endpoint leads.
 *
 * @throws {WebPushError} for an answer that is no 2xx
 */
export function sendRequest(
  details: RequestDetails,
  proxyAgent: (proxy: string | HttpsProxyAgentOptions) => Agent,
): Promise<SendResult> {
  const { promise, resolve, reject } = Promise.withResolvers<SendResult>();
  const { method, headers, endpoint, timeout, proxy } = details;
  const url = URL.parse(endpoint);
  if (url === null) throw new Error('The subscription endpoint must be a string with a valid URL.');
  const agent = proxy === undefined ? details.agent : proxyAgent(proxy);
  const post = request(
    {
      method,
      headers,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      ...(timeout !== undefined && { timeout }),
      ...(agent !== undefined && { agent }),
    },
    (response) => {
      const { statusCode = 0 } = response;
      const answerHeaders = toHeaders(response.headers);
      // Rejects where the answer breaks off; web-push waits for its end for ever.
      text(response)
        .then((body) => accepted({ statusCode, body, headers: answerHeaders }, endpoint))
        .then(resolve, reject);
    },
  );
  // Only where it was asked for: Node's own agent has one of 5 s, for its idle connections.
  if (timeout !== undefined) post.on('timeout', () => post.destroy(new Error('Socket timeout')));
  post.on('error', reject);
  post.end(details.body ?? undefined);
  return promise;
}

function accepted(result: SendResult, endpoint: string): SendResult {
  const { statusCode, headers, body } = result;
  if (statusCode >= 200 && statusCode <= 299) return result;
  throw new WebPushError('Received unexpected response code', statusCode, headers, body, endpoint);
}
