import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN as APP, startTestBelfry } from '../testing/test-belfry.test-data.ts';
import { createEndpointPolicy } from './endpoint-policy.ts';
import { type ProxyAddress, parseProxy } from './proxy-address.ts';
import { listenUntilTestEnds, NEVER, ORIGIN, pushTo, startTlsServer, transportTo } from './tls-server.test-data.ts';

/** A server that the system trusts, and a proxy on this machine from which all names lead there. */
async function startProxied(refuse?: string) {
  const server = await startTlsServer();
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  const trusted = getCACertificates('default');
  setDefaultCACertificates([server.certificate]);
  onTestFinished(() => setDefaultCACertificates(trusted));

  const asked: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on('connection', (socket) => sockets.add(socket));
  proxy.on('connect', (request, socket) => {
    asked.push(request);
    socket.on('error', () => {});
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse}\r\n\r\n`);
      return;
    }
    const target = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  const port = await listenUntilTestEnds(proxy, sockets);
  return { server, asked, port, sockets };
}

function proxyAt(port: number, credentials = ''): ProxyAddress {
  const proxy = parseProxy(`http://${credentials}127.0.0.1:${port}`);
  if (proxy === undefined) throw new TypeError('that is a proxy');
  return proxy;
}

/** A transport that has no way but the proxy. */
function through(proxy: ProxyAddress, allowedPushHosts: readonly string[] = ['push.example.net']) {
  return transportTo({ port: 0, certificate: '' }, { ...createEndpointPolicy({ allowedPushHosts }), proxy });
}

test('pushes go through the proxy, over one tunnel, with its credentials', async () => {
  const { server, asked, port } = await startProxied();
  const { transport } = through(proxyAt(port, 'ada:p%40ss@'));
  for (const path of ['/1', '/2']) expect(await transport.send(pushTo(path), NEVER)).toHaveProperty('status', 201);
  expect(asked.map(({ url, headers }) => [url, headers.host, headers['proxy-authorization']])).toEqual([
    ['push.example.net:443', 'push.example.net:443', `Basic ${Buffer.from('ada:p@ss').toString('base64')}`],
  ]);
  expect(server.received.map(({ request }) => request.headers['proxy-authorization'])).toEqual([undefined, undefined]);
});

test('without credentials none are sent', async () => {
  const { asked, port } = await startProxied();
  expect(await through(proxyAt(port)).transport.send(pushTo('/'), NEVER)).toHaveProperty('status', 201);
  expect(asked[0]?.headers).not.toHaveProperty('proxy-authorization');
});

test.each(['407 Proxy Authentication Required', '502 Bad Gateway'])(
  'a proxy that answers %s is no answer',
  async (refuse) => {
    const { port, asked } = await startProxied(refuse);
    const { transport } = through(proxyAt(port));
    expect(await transport.send(pushTo('/'), NEVER)).toEqual({ kind: 'no-answer', reason: 'connection' });
    expect(asked).toHaveLength(1);
  },
);

test('a proxy that is not there is no answer', async () => {
  const { transport } = through(proxyAt(1));
  expect(await transport.send(pushTo('/'), NEVER)).toEqual({ kind: 'no-answer', reason: 'connection' });
});

test.each([
  'https://127.0.0.1',
  'https://[::1]',
  'https://[::ffff:10.0.0.1]',
  'https://metadata.google.internal',
  'https://localhost',
  'https://not-on-the-list.example.net',
])('the proxy is not asked for %s', async (origin) => {
  const { port, asked } = await startProxied();
  const { transport } = through(proxyAt(port));
  const refused = { kind: 'not-sent', reason: 'refused-address' };
  expect(await transport.send(pushTo('/', { origin }), NEVER)).toEqual(refused);
  expect(asked).toEqual([]);
});

test('close() ends a tunnel that is being opened', async () => {
  const { port } = await startTlsServer();
  const { transport, clock } = through(proxyAt(port));
  const sent = transport.send(pushTo('/', { origin: ORIGIN }), NEVER);
  transport.close();
  expect(await sent).toEqual({ kind: 'no-answer', reason: 'connection' });
  while (clock.timers > 0) await new Promise(setImmediate);
});

test('createBelfry sends through its `proxy`', async () => {
  const { asked, port } = await startProxied();
  const server = await startTestBelfry();
  onTestFinished(() => server.close());
  await server.restart({
    proxy: `http://127.0.0.1:${port}`,
    allowedPushHosts: ['push.example.net'],
    developmentPushServices: [],
  });
  await server.post('/subscribe', { body: { ...subscribeAtSink().subscription, origin: APP } });
  const { settled } = await server.belfry.notify('ada', { title: 'Hello' });
  expect(await settled()).toMatchObject([{ outcome: 'accepted' }]);
  expect(asked).toHaveLength(1);
});

test('a proxy that sends interim responses without end is given up', async () => {
  const sockets = new Set<Socket>();
  const proxy = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', () => {
      const fill = (): void => {
        if (socket.destroyed) return;
        if (socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100))) setImmediate(fill);
        else socket.once('drain', fill);
      };
      fill();
    });
  });
  const port = await listenUntilTestEnds(proxy, sockets);
  const { transport } = through(proxyAt(port));
  expect(await transport.send(pushTo('/'), NEVER)).toEqual({ kind: 'no-answer', reason: 'connection' });
});
