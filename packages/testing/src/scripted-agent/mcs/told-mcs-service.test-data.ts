import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { createServer, type TLSSocket } from 'node:tls';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { onTestFinished } from 'vitest';
import type { ChromiumPushEndpoints } from '../../chromium/push-switches.ts';
import { startedPushService } from '../push-sender.test-data.ts';
import { FrameReader } from './frame-reader.ts';
import { type ProtobufFields, parseProtobuf } from './protobuf-fields.ts';
import { fixed64, int, message, text } from './write-field.ts';

/** One frame of the agent, read. */
export interface AgentFrame {
  readonly tag: number;
  readonly fields: ProtobufFields;
}

/** A push service that checks in and registers anybody, and says over MCS what the test tells it to. */
export interface ToldMcsService {
  readonly endpoints: ChromiumPushEndpoints;
  /** Of the subscription that was registered last. */
  readonly subtype: string;
  /** The next frame of any connection that has not been asked for yet. */
  next(): Promise<AgentFrame>;
  /** To the latest connection; the service's version was said when it began. */
  send(tag: number, payload?: BinaryWriter): void;
  sendRaw(hex: string): void;
  /** Ends the latest connection. */
  disconnect(): void;
}

export async function startToldMcsService(): Promise<ToldMcsService> {
  let subtype = '';
  const http = createHttpServer();
  const answerHttp = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    subtype = new URLSearchParams(await textOf(request)).get('X-subtype') ?? subtype;
    const checkedIn = fixed64(fixed64(new BinaryWriter(), 7, 11n), 8, 12n).finish();
    response.end(request.url === '/checkin' ? checkedIn : 'token=t');
  };
  http.on('request', (request, response) => void answerHttp(request, response));
  const { cert, key } = await certificate();
  const server = createServer({ cert, key });
  const frames: AgentFrame[] = [];
  let arrived = Promise.withResolvers<void>();
  let socket: TLSSocket | undefined;
  server.on('secureConnection', (connected) => {
    socket = connected;
    const reader = new FrameReader();
    connected.on('error', () => {});
    connected.on('data', (chunk: Buffer) => {
      for (const { tag, payload } of reader.read(chunk)) frames.push({ tag, fields: readFields(payload) });
      arrived.resolve();
    });
    connected.write(Uint8Array.of(41));
  });
  server.on('tlsClientError', () => {});
  const [httpPort, mcsPort] = [await listen(http), await listen(server)];
  onTestFinished(() => void socket?.destroy());
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return {
    endpoints: {
      checkinUrl: `http://127.0.0.1:${httpPort}/checkin`,
      registrationUrl: `http://127.0.0.1:${httpPort}/register3`,
      mcsEndpoint: `https://127.0.0.1:${mcsPort}`,
      certificateSpkiHash: createHash('sha256').update(spki).digest('base64'),
    },
    get subtype() {
      return subtype;
    },
    async next() {
      for (;;) {
        const first = frames.shift();
        if (first !== undefined) return first;
        await arrived.promise;
        arrived = Promise.withResolvers<void>();
      }
    },
    send(tag, payload = new BinaryWriter()) {
      const bytes = payload.finish();
      socket?.write(new BinaryWriter().raw(Uint8Array.of(tag)).uint32(bytes.length).raw(bytes).finish());
    },
    sendRaw: (hex) => void socket?.write(Buffer.from(hex, 'hex')),
    disconnect: () => void socket?.end(),
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return address.port;
}

/** A push service's own. */
async function certificate(): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-mcs-'));
  try {
    await (await startedPushService({ dataDir })).close();
    const [cert, key] = await Promise.all([
      readFile(join(dataDir, 'push-service-tls.pem')),
      readFile(join(dataDir, 'push-service-tls-key.pem')),
    ]);
    return { cert, key };
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

/** A DataMessageStanza without payload. */
export function dataMessage(options: {
  readonly from: string;
  readonly subtype: string;
  readonly persistentId: string;
  readonly immediateAck?: boolean;
  /** How many of the agent's frames have arrived. */
  readonly lastStreamId?: number;
}): BinaryWriter {
  const { immediateAck = true, lastStreamId = 0 } = options;
  const writer = text(text(new BinaryWriter(), 3, options.from), 9, options.persistentId);
  int(int(writer, 11, lastStreamId), 24, immediateAck ? 1 : 0);
  return text(text(message(writer, 7), 1, 'subtype'), 2, options.subtype).join();
}

function readFields(payload: Uint8Array): ProtobufFields {
  const fields = parseProtobuf(payload);
  if (fields === undefined) throw new Error('no protobuf');
  return fields;
}
