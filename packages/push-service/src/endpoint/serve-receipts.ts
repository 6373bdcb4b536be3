import type { Http2ServerRequest, Http2ServerResponse, Http2Session, ServerHttp2Stream } from 'node:http2';
import type { ReceiptToken } from '../identifiers.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import type { Receipt } from '../store/records.ts';
import type { ReceiptStore } from '../store/receipt-store.ts';
import { CORS_HEADERS } from './cors-headers.ts';
import { messagePath, messageUrl } from './resource.ts';

export interface ReceiptExchange {
  readonly request: Http2ServerRequest;
  readonly response: Http2ServerResponse;
  readonly receipts: ReceiptStore;
  readonly subscription: ReceiptToken;
  readonly origin: string;
  readonly logger: PushServiceLogger;
}

/** Sends receipts, and answers whether they arrived. */
type SendReceipts = (receipts: readonly Receipt[]) => Promise<boolean>;

/**
 * Tells the sender that asks of its receipts (RFC 8030 §6.3), those that wait and those to come, until it goes away. A
 * receipt is forgotten once it is delivered: over HTTP/2 one may be told again, but none is lost, kill -9 included.
 *
 * - As RFC 8030 has it: the request stays without answer, and each receipt is pushed as the answer to a GET of its
 *   message, 204 or 410.
 * - As server-sent events, for a client that takes no pushes (browsers, fetch, curl, HTTP/1.1) or asks for them with
 *   `Accept: text/event-stream`: `data: {"message":"https://…/m/…","status":204}`.
 */
export function serveReceipts(exchange: ReceiptExchange): void {
  const { request, response, receipts, subscription, logger } = exchange;
  const stream = request.httpVersionMajor === 2 ? request.stream : undefined;
  const wantsEvents = /\btext\/event-stream\b/i.test(request.headers.accept ?? '');
  const send =
    stream?.pushAllowed === true && !wantsEvents ? byServerPush(stream) : byEvents(exchange, stream?.session);

  let ended = false;
  let sending = false;
  const sendWaiting = async (): Promise<void> => {
    if (sending || ended) return;
    sending = true;
    try {
      for (let page = receipts.settled(subscription); page.length > 0; page = receipts.settled(subscription)) {
        // What it has not got waits for the next that asks.
        if (!(await send(page))) return void response.destroy();
        receipts.removeDelivered(page);
      }
    } catch (fault) {
      logger.warn('Receipts could not be told', faultFields(fault));
      response.destroy();
    } finally {
      sending = false;
    }
  };
  const stopListening = receipts.listen(subscription, () => void sendWaiting());
  response.once('close', () => {
    ended = true;
    stopListening();
  });
  void sendWaiting();
}

function byServerPush(stream: ServerHttp2Stream): SendReceipts {
  return async (receipts) => {
    // One after the other: the client may allow few streams at once.
    for (const receipt of receipts) {
      if (!(await pushReceipt(stream, receipt))) return false;
    }
    return reached(stream.session);
  };
}

/** Answers whether it could be sent. */
function pushReceipt(stream: ServerHttp2Stream, { messageId, status }: Receipt): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  if (!stream.pushAllowed) return Promise.resolve(false);
  stream.pushStream({ ':path': messagePath(messageId) }, (error, pushed) => {
    // Responding on a connection that ended in between would throw.
    if (error !== null || pushed.destroyed) return resolve(false);
    // A client may refuse a push when it sees the promise, which has no status yet: that is its choice.
    pushed.on('error', () => {});
    pushed.once('close', () => resolve(true));
    pushed.respond({ ':status': status }, { endStream: true });
  });
  return promise;
}

function byEvents({ response, origin }: ReceiptExchange, session: Http2Session | undefined): SendReceipts {
  response.writeHead(200, { ...CORS_HEADERS, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // A comment, so that the client knows that it is listened to before there is a receipt.
  response.write(':\n\n');
  return async (receipts) => {
    const events = receipts.map(({ messageId, status }) => {
      return `data: ${JSON.stringify({ message: messageUrl(origin, messageId), status })}\n\n`;
    });
    const written = await new Promise<boolean>((resolve) => {
      const closed = (): void => resolve(false);
      response.once('close', closed);
      response.write(events.join(''), (error?: Error | null) => {
        response.off('close', closed);
        resolve(!error);
      });
    });
    // HTTP/1.1 has nothing to ask with: there, what the system has taken counts as delivered.
    return written && (session === undefined || reached(session));
  };
}

/** Whether the client has got all that was sent to it before: it answers a PING in order (RFC 9113 §6.7). */
function reached(session: Http2Session | undefined): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  if (session === undefined || session.destroyed) resolve(false);
  else session.ping((error: Error | null) => resolve(error === null));
  return promise;
}
