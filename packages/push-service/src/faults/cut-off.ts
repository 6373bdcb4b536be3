import { constants, type Http2ServerRequest } from 'node:http2';

/** Ends a push without an answer: its stream alone, or with a GOAWAY that leaves it out; over HTTP/1.1 its connection. */
export async function cutOff(request: Http2ServerRequest, how: 'reset' | 'goaway'): Promise<void> {
  const stream = request.httpVersionMajor === 2 ? request.stream : undefined;
  // Some of the body is in, where there is one; what is left of it is nobody's.
  if (how === 'reset' && !request.readableEnded) await bodyBegins(request);
  if (stream?.id === undefined || stream.session === undefined) return void request.socket.destroy();
  if (how === 'reset') return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  const { session } = stream;
  // The streams of a client have odd numbers: the one before this is the last that was processed (RFC 9113 §6.8).
  session.goaway(constants.NGHTTP2_NO_ERROR, Math.max(0, stream.id - 2));
  // Not `session.close()`: its own GOAWAY would name this stream as the last, and clients take that as an error. A client
  // that was told to go ends the connection when the streams before this are done.
  stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

/** Resolves also where the client has gone before. */
function bodyBegins(request: Http2ServerRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const event of ['readable', 'close', 'error']) request.once(event, () => resolve());
  return promise;
}
