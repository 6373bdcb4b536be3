import type { ServerResponse } from 'node:http';
import type { PushServiceControl } from './push-service-control.ts';

/** What waits for a client that does not read, before it is let go: 100 of the longest pushes. */
const MAX_WAITING_BYTES = 1_048_576;

/**
 * Server-sent events: each push as it arrives, and again as its state changes. There is no heartbeat, which would be for
 * clients that vanish without a word: over loopback the system ends the connections of a process with the process.
 */
export function streamPushes(response: ServerResponse, { onPush }: Pick<PushServiceControl, 'onPush'>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  // The client knows by it that it misses nothing from here on.
  response.write(': pushes follow\n\n');
  const stop = onPush((push) => {
    // JSON has no line breaks of its own.
    response.write(`data: ${JSON.stringify(push)}\n\n`);
    if (response.writableLength <= MAX_WAITING_BYTES) return;
    stop();
    response.destroy();
  });
  response.once('close', stop);
}
