import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';

// A thread of its own, which listens and then stops for ever: nobody accepts what comes.

const server = createServer();
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('it listens on a port');
  parentPort?.postMessage(address.port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
