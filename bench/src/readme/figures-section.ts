import type { DeadHostReport } from '../dead-host/dead-host-bench.ts';
import type { EncryptReport } from '../encrypt/encrypt-bench.ts';
import type { FanOutReport } from '../fanout/fan-out-bench.ts';
import type { NotifyReport } from '../notify/notify-bench.ts';
import type { PushServiceReport } from '../push-service/push-service-bench.ts';
import type { SendReport } from '../send/send-bench.ts';
import type { Sizes } from '../size/measure-sizes.ts';

/** What the benches reported last, as it is kept in bench/results/. */
export interface Results {
  readonly encrypt: EncryptReport;
  readonly send: SendReport;
  readonly deadHost: DeadHostReport;
  readonly pushService: PushServiceReport;
  readonly fanout: FanOutReport;
  readonly notify: NotifyReport;
  readonly size: Sizes;
}

/** The README's section of figures, which is nothing but what the benches reported. */
export function figuresSection({ encrypt, send, deadHost, pushService, fanout, notify, size }: Results): string {
  const [typescriptSend, sendFar] = send.rows;
  const typescriptEncrypt = encrypt.rows.find(({ name }) => name === 'typescript');
  const mcs = pushService.rows.find(({ name }) => name === 'mcs');
  const { cores, cpu, node } = encrypt.machine;
  const [sqlite, postgres] = (['sqlite', 'postgres'] as const).map((engine) =>
    fanout.rows.find((row) => row.engine === engine && row.devices === fanout.devices && !row.name.includes('down')),
  );
  const alone = notify.rows[0]?.wire;
  if (!typescriptSend || !sendFar || !typescriptEncrypt || !mcs || !sqlite || !postgres || !alone)
    throw new TypeError('A report lacks a row');
  return [
    `From \`npm run bench -- NAME --json\` ([how each is measured](bench/README.md)), on ${cores} cores of a shared ${cpu}, Node ${node}.`,
    '',
    '| Sending | with the accelerator | TypeScript alone | `web-push` 3.6.7 |',
    '|---|---|---|---|',
    `| CPU to encrypt and sign a message (\`encrypt\`) | ${micro(encrypt.belfryUs)}, **${times(encrypt.ratio)}** less | ${micro(typescriptEncrypt.belfryUs)}, ${times(typescriptEncrypt.ratio)} less | ${micro(encrypt.webPushUs)} |`,
    `| beside what OpenSSL takes at the least, ${micro(encrypt.opensslFloorUs)} | ${times(encrypt.overFloor)} | ${times(typescriptEncrypt.overFloor)} | ${times(encrypt.webPushUs / encrypt.opensslFloorUs)} |`,
    `| CPU to send one over TLS (\`send\`) | ${micro(send.belfryCpuUs)}, **${times(send.cpuRatio)}** less | ${micro(typescriptSend.belfryCpuUs)}, ${times(typescriptSend.cpuRatio)} less | ${micro(send.webPushCpuUs)} |`,
    `| messages a second, 100 in flight | ${count(send.belfryPerSecond)}, **${times(send.throughputRatio)}** more | ${count(typescriptSend.belfryPerSecond)}, ${times(typescriptSend.throughputRatio)} more | ${count(send.webPushPerSecond)} |`,
    `| the same, to a push service 50 ms away | ${count(sendFar.belfryPerSecond)} | | ${count(sendFar.webPushPerSecond)} |`,
    '',
    `A push service that never answers does not hold up others: their p99 is ${ms(deadHost.p99AloneMs)} alone and ${ms(deadHost.p99Ms)} beside it (\`dead-host\`).`,
    '',
    `A message to a user is on the wire ${ms(alone.p50Ms)} after \`notify\` was called (p99 ${ms(alone.p99Ms)}); while a broadcast is encrypted and sent, ${ms(notify.p50Ms)} (p99 ${ms(notify.p99Ms)}) (\`notify\`).`,
    '',
    `| A broadcast to ${count(fanout.devices)} devices, but for sending it (\`fanout\`) | SQLite | PostgreSQL |`,
    '|---|---|---|',
    `| deliveries a second | ${count(sqlite.deliveriesPerSecond)} | ${count(postgres.deliveriesPerSecond)} |`,
    `| memory of the process | ${Math.round(sqlite.rssMb)} MB | ${Math.round(postgres.rssMb)} MB |`,
    `| event loop, p99 | ${ms(sqlite.loopP99Ms)} | ${ms(postgres.loopP99Ms)} |`,
    '',
    '| A browser downloads, minified and gzipped (`npm run size`) | Belfry | `@firebase/messaging` |',
    '|---|---|---|',
    `| the page | ${count(size.client)} bytes | ${count(size.firebaseClient)} |`,
    `| the service worker | ${count(size.worker)} bytes | ${count(size.firebaseWorker)} |`,
    '',
    `The push service with ${count(pushService.connections)} connected user agents, agents and sender on the same cores (\`push-service\`). Every 201 was on disk or`,
    `acknowledged; ${pushService.lost + mcs.lost === 0 ? 'none was lost' : `${pushService.lost + mcs.lost} were lost`}.`,
    '',
    "| | Firefox's protocol | Chromium's |",
    '|---|---|---|',
    `| memory for each connection | ${kilobytes(pushService.rssBytesPerConnection)} | ${kilobytes(mcs.rssBytesPerConnection)} |`,
    `| messages a second, at the peak | ${count(pushService.messagesPerSecond)} | ${count(mcs.messagesPerSecond)} |`,
    `| POST to user agent at half of that, p50 / p99 | ${ms(pushService.latency.p50Ms)} / ${ms(pushService.p99Ms)} | ${ms(mcs.latency.p50Ms)} / ${ms(mcs.p99Ms)} |`,
  ].join('\n');
}

const micro = (value: number): string => `${Math.round(value)} µs`;
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const times = (ratio: number): string => `${ratio.toFixed(1)} ×`;
const count = (value: number): string => Math.round(value).toLocaleString('en');
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
