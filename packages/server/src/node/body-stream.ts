import type { Readable } from 'node:stream';

/**
 * A request's body, read only as fast as it is asked for. Cancelling it leaves the Node stream paused: unlike
 * `Readable.toWeb`, which destroys the stream, and with it the socket before the answer is written.
 */
export function bodyStream(body: Readable): ReadableStream<Uint8Array> {
  let stop: (() => void) | undefined;
  // A stream that decompresses the body may also fail when nobody reads it, and without a listener that ends the process.
  body.on('error', () => {});
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        // Whoever reads nothing leaves no listeners behind.
        stop ??= forward(body, controller);
        body.resume();
      },
      cancel() {
        stop?.();
        body.pause();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Passes on one chunk for each `resume()`; the function it returns ends that. */
function forward(body: Readable, controller: ReadableStreamDefaultController<Uint8Array>): () => void {
  const onData = (chunk: Uint8Array): void => {
    body.pause();
    controller.enqueue(chunk);
  };
  const onEnd = (): void => {
    stop();
    controller.close();
  };
  // `close` without `end`: the client went away.
  const onBroken = (): void => {
    stop();
    controller.error(new Error('The connection ended before the body did'));
  };
  const stop = (): void => {
    body.off('data', onData).off('end', onEnd).off('close', onBroken).off('error', onBroken);
  };
  if (body.readableEnded) onEnd();
  else if (body.destroyed) onBroken();
  else body.on('data', onData).on('end', onEnd).on('close', onBroken).on('error', onBroken);
  return stop;
}
