import { constants } from 'node:http2';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createTransport } from './create-transport.ts';
import { CountingClock, developmentAt, type Exchange, NEVER, pushTo, startTlsServer } from './tls-server.test-data.ts';

/** Named as the last that is processed, nothing is said of any stream. */
const ANY_STREAM = 2 ** 31 - 1;

/** What a server may do with a request. */
const BEHAVIOURS = {
  accept: ({ response }) => void response.writeHead(201).end(),
  throttle: ({ response }) => void response.writeHead(429).end('later'),
  silence() {},
  stall: ({ response }) => void response.writeHead(500).write('x'),
  cut: ({ request }) => void request.socket.destroy(),
  reset: (exchange) => streamOf(exchange)?.close(constants.NGHTTP2_INTERNAL_ERROR),
  refuse: (exchange) => streamOf(exchange)?.close(constants.NGHTTP2_REFUSED_STREAM),
  leave: (exchange) => streamOf(exchange)?.session?.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM),
  fail: (exchange) => streamOf(exchange)?.session?.goaway(constants.NGHTTP2_INTERNAL_ERROR, ANY_STREAM),
} satisfies Record<string, (exchange: Exchange) => void>;

const streamOf = ({ request }: Exchange) => ('stream' in request ? request.stream : undefined);
const NAMES = fc.constantFrom(...Object.values(BEHAVIOURS));

test.each(['h2', 'http/1.1'] as const)(
  'whatever a server does over %s, every send settles, and what was answered arrived once',
  { timeout: 60_000 },
  async (protocol) => {
    const server = await startTlsServer({ protocol, settings: { maxConcurrentStreams: 4 } });
    let run = 0;
    const scenario = fc.record({
      script: fc.array(NAMES, { minLength: 1, maxLength: 12 }),
      aborted: fc.array(fc.nat(19), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ script, aborted }) => {
        const prefix = `/${run++}/`;
        const clock = new CountingClock();
        const transport = createTransport({ development: () => developmentAt(server), clock, random: () => 0 });
        onTestFinished(() => transport.close());
        let step = 0;
        const answeredPaths: string[] = [];
        server.onRequest = (exchange) => {
          if (!exchange.path.startsWith(prefix)) return;
          const behave = script[step++ % script.length];
          if (behave === BEHAVIOURS.accept) answeredPaths.push(exchange.path);
          behave?.(exchange);
        };
        const settled: string[] = [];
        const sends = Array.from({ length: 20 }, async (_, n) => {
          const stop = new AbortController();
          const sent = transport.send(pushTo(`${prefix}${n}`), aborted.includes(n) ? stop.signal : NEVER, {
            priority: n % 2 === 0 ? 'user' : 'broadcast',
          });
          if (aborted.includes(n)) setImmediate(() => stop.abort(new Error('no longer wanted')));
          settled.push((await sent.catch(() => ({ kind: 'aborted' }))).kind);
        });
        const all = Promise.all(sends).then(() => true);
        while (!(await Promise.race([all, new Promise((resolve) => setImmediate(resolve, false))])))
          clock.advance(1000);
        expect(settled).toHaveLength(20);
        expect(new Set(answeredPaths).size).toBe(answeredPaths.length);
        transport.close();
        // The last streams close after their answers.
        while (clock.timers > 0) await new Promise(setImmediate);
      }),
      { numRuns: 40 },
    );
  },
);
